//! Small guests, in machine code.

/// lpswe 0x820: wait, enabled for everything.
const WAIT: [u8; 4] = [0xb2, 0xb2, 0x08, 0x20];
const WAIT_PSW: usize = 0x820;
/// lpswe 0x830: wait, enabled for nothing.
pub const HANG: [u8; 4] = [0xb2, 0xb2, 0x08, 0x30];
const HANG_PSW: usize = 0x830;
/// Where a waiting CPU is.
pub const WAITING_AT: u64 = 0x280;

/// Where there is a second low core.
pub const OTHER_PREFIX: u64 = 0x1_0000;

/// Classes of interruptions, as the guest counts them in register 1.
pub const RESTART: u64 = 1;
pub const EXTERNAL: u64 = 2;
pub const PROGRAM: u64 = 3;
pub const MACHINE_CHECK: u64 = 4;
pub const IO: u64 = 5;

/// A handler: loads into registers what the low core tells, the class into
/// register 1, and counts in register 0.
fn handler(class: u64, loads: &[u8]) -> Vec<u8> {
    let class = u8::try_from(class).unwrap();
    let count = [0xa7, 0x19, 0, class, 0xa7, 0x0b, 0, 1];
    [loads, &count, &WAIT].concat()
}

fn psw(mask: u64, address: u64) -> [u8; 16] {
    (u128::from(mask) << 64 | u128::from(address)).to_be_bytes()
}

/// A guest that executes `code` with control registers that enable all
/// subclasses but the timers', and tells of interruptions in its registers.
pub fn image(code: &[u8]) -> Vec<u8> {
    const BITS_64: u64 = 0x1_8000_0000;
    let start = [
        &[0xeb, 0x00, 0x08, 0x00, 0x00, 0x2f][..], // lctlg %c0,%c0,0x800
        &[0xeb, 0x66, 0x08, 0x08, 0x00, 0x2f],     // lctlg %c6,%c6,0x808
        &[0xeb, 0xee, 0x08, 0x10, 0x00, 0x2f],     // lctlg %c14,%c14,0x810
        code,
    ]
    .concat();
    // Where in the low core the new PSW is, and what the handler loads.
    let classes: [(usize, u64, &[u8]); 5] = [
        // lg %r2,0x128
        (0x1a0, RESTART, &[0xe3, 0x20, 0x01, 0x28, 0x00, 0x04]),
        // lg %r2,0x80; lg %r3,0x11b8
        (
            0x1b0,
            EXTERNAL,
            &[0xe3, 0x20, 0x00, 0x80, 0x00, 0x04, 0xe3, 0x30, 0x01, 0xb8, 0x01, 0x04],
        ),
        // lg %r2,0x88; lg %r3,0xa8
        (0x1d0, PROGRAM, &[0xe3, 0x20, 0x00, 0x88, 0x00, 0x04, 0xe3, 0x30, 0x00, 0xa8, 0x00, 0x04]),
        // lg %r2,0xe8; lg %r3,0xf8; llgf %r4,0xf4
        (
            0x1e0,
            MACHINE_CHECK,
            &[
                0xe3, 0x20, 0x00, 0xe8, 0x00, 0x04, 0xe3, 0x30, 0x00, 0xf8, 0x00, 0x04, 0xe3, 0x40,
                0x00, 0xf4, 0x00, 0x16,
            ],
        ),
        // lg %r2,0xb8; llgf %r3,0xc0
        (0x1f0, IO, &[0xe3, 0x20, 0x00, 0xb8, 0x00, 0x04, 0xe3, 0x30, 0x00, 0xc0, 0x00, 0x16]),
    ];
    let mut image = vec![0; 0x1_2000];
    let mut put = |at: usize, bytes: &[u8]| image[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &0x0008_0000_8000_0200_u64.to_be_bytes());
    put(0x200, &start);
    // Control registers 0, 6 and 14.
    put(0x800, &0x62e0_u64.to_be_bytes());
    put(0x808, &0xff00_0000_u64.to_be_bytes());
    put(0x810, &0xdf00_0000_u64.to_be_bytes());
    put(WAIT_PSW, &psw(0x0306_0000_0000_0000 | BITS_64, WAITING_AT));
    put(HANG_PSW, &psw(0x0002_0000_0000_0000 | BITS_64, 0xdead));
    for (new_psw, class, loads) in classes {
        let at = 0x400 + 0x40 * class;
        put(new_psw, &psw(BITS_64, at));
        put(usize::try_from(at).unwrap(), &handler(class, loads));
    }
    // The same for a CPU with another prefix.
    image.copy_within(..0x2000, usize::try_from(OTHER_PREFIX).unwrap());
    image
}

/// One that only waits.
pub fn waits() -> Vec<u8> {
    image(&WAIT)
}

/// One that counts in register 0 as fast as it can.
pub fn counts() -> Vec<u8> {
    // aghi %r0,1; j .-4
    image(&[0xa7, 0x0b, 0, 1, 0xa7, 0xf4, 0xff, 0xfe])
}

/// One that restarts its second CPU and waits for ever.
pub fn hangs() -> Vec<u8> {
    // lghi %r5,1; sigp %r4,%r5,6
    image(&[&[0xa7, 0x59, 0, 1, 0xae, 0x45, 0, 6][..], &HANG].concat())
}

/// One that tells the service processor that it listens to requests to shut
/// down, and does so when one comes.
pub fn listens() -> Vec<u8> {
    let code = [
        &[0xc0, 0x29, 0x00, 0x78, 0x00, 0x05][..], // iilf %r2,0x780005: write event mask
        &[0xc0, 0x39, 0x00, 0x00, 0x30, 0x00],     // iilf %r3,0x3000
        &[0xb2, 0x20, 0x00, 0x23],                 // servc %r2,%r3
        &WAIT,
    ]
    .concat();
    let mut image = image(&code);
    let mut put = |at: usize, bytes: &[u8]| image[at..at + bytes.len()].copy_from_slice(bytes);
    // A receive mask of four bytes, with signal quiesce in it.
    put(0x3000, &[0, 28, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 8]);
    // The first signal says that the mask was written. It is counted, and with
    // the second one all is over: mvc 0x1b0(16),0x840; aghi %r0,1; lpswe 0x820.
    put(0x480, &[0xd2, 0x0f, 0x01, 0xb0, 0x08, 0x40, 0xa7, 0x0b, 0, 1]);
    put(0x48a, &WAIT);
    put(0x840, &psw(0x0002_0001_8000_0000, 0xfff));
    image
}

/// One that writes to its console as fast as it can.
pub fn writes() -> Vec<u8> {
    let code = [
        &[0xc0, 0x29, 0x00, 0x76, 0x00, 0x05][..], // iilf %r2,0x760005: write event data
        &[0xc0, 0x39, 0x00, 0x00, 0x30, 0x00],     // iilf %r3,0x3000
        &[0xb2, 0x20, 0x00, 0x23],                 // servc %r2,%r3
        &[0xa7, 0xf4, 0xff, 0xfe],                 // j .-4
    ]
    .concat();
    let mut image = image(&code);
    // Two thousand bytes of nothing for the VT220 console.
    image[0x3000..0x3002].copy_from_slice(&(8 + 2006_u16).to_be_bytes());
    image[0x3008..0x300a].copy_from_slice(&2006_u16.to_be_bytes());
    image[0x300a] = 0x1a;
    image
}
