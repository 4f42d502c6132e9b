//! Instructions that the layer above the CPU executes.

use super::prelude::*;

family! {
    diag    0x83   RsA   N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    servc   0xb220 Rre   N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    csch    0xb230 SL    N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    hsch    0xb231 SL    N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    msch    0xb232 S     N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    ssch    0xb233 S     N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    stsch   0xb234 S     N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    tsch    0xb235 S     N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    tpi     0xb236 S     N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    sal     0xb237 SL    N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    rsch    0xb238 SL    N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    stcrw   0xb239 S     N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    stcps   0xb23a S     N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    rchp    0xb23b SL    N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    schm    0xb23c SL    N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    chsc    0xb25f RreL  N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    siga    0xb274 S     N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    xsch    0xb276 SL    N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
    stsi    0xb27d S     N3  [p]  |b, _o| control::plain(b, Helper::Intercept);
}
