//! State that a problem program can see.

use super::prelude::*;
use lowcore_arch::Facility;

const ECT: Facility = Facility::EXTRACT_CPU_TIME;

family! {
    ipm     0xb222 RreL  N3  []   |b, o| control::insert_program_mask(b, o.r1);
    spm     0x04   RrL   N3  [cc] |b, o| control::set_program_mask(b, o.r1);
    epsw    0xb98d Rre   N3  []   |b, o| control::extract_psw(b, o.r1, o.r2);
    sar     0xb24e RreAG N3  []   |b, o| control::set_access(b, o.r1, o.r2);
    ear     0xb24f RreGA N3  []   |b, o| control::extract_access(b, o.r1, o.r2);
    cpya    0xb24d RreAA N3  []   |b, o| control::copy_access(b, o.r1, o.r2);
    lam     0x9a   RsAA  N3  []   |b, o| transfer::load_access_multiple(b, o.r1, o.r3, o.at);
    lamy    0xeb9a RsyAA LD  []   |b, o| transfer::load_access_multiple(b, o.r1, o.r3, o.at);
    stam    0x9b   RsAA  N3  []   |b, o| transfer::store_access_multiple(b, o.r1, o.r3, o.at);
    stamy   0xeb9b RsyAA LD  []   |b, o| transfer::store_access_multiple(b, o.r1, o.r3, o.at);
    tam     0x010b E     N3  [cc] |b, _o| control::test_addressing_mode(b);
    sam24   0x010c E     N3  []   |b, _o| control::set_addressing_mode(b, 24);
    sam31   0x010d E     N3  []   |b, _o| control::set_addressing_mode(b, 31);
    sam64   0x010e E     N3  []   |b, _o| control::set_addressing_mode(b, 64);
    stfle   0xb2b0 S     FLE [cc] |b, o| control::store_facility_list_extended(b, o.at);
    spka    0xb20a S     N3  []   |b, o| control::set_key(b, o.at);
    ipk     0xb20b SL    N3  []   |b, _o| control::insert_key(b);
    ectg    0xc81  Ssf   ECT []   |b, o| control::extract_cpu_time(b, o.r3, o.first, o.second);
}
