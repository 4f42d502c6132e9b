//! What asks the machine to be faster.

use super::prelude::*;

family! {
    pfd     0xe336 RxyB  GIE []   |b, _o| hint::nothing(b);
    pfdrl   0xc62  RilC  GIE []   |b, _o| hint::nothing(b);
    bpp     0xc7   Smi   M1  []   |b, _o| hint::nothing(b);
    bprp    0xc5   Mii   M1  []   |b, _o| hint::nothing(b);
    niai    0xb2fa Ie    M1  []   |b, _o| hint::nothing(b);
    ppa     0xb2e8 RrfC  M1  []   |b, _o| hint::nothing(b);
}
