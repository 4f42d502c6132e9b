//! Commands for the guest's shell, each with what it prints.

/// Stands for the number of CPUs in what a command prints.
const CPUS: &str = "{cpus}";

/// Commands and what they print. Sums were made by the host's tools; the rest
/// follows from what the commands are.
const COMMANDS: &[(&str, &str)] = &[
    ("uname -m", "s390x"),
    ("nproc", CPUS),
    ("grep -c ^processor /proc/cpuinfo", CPUS),
    ("grep -c 'Linux version 6.1' /proc/version", "1"),
    // Arithmetic.
    ("echo $((6 * 7)) $((1 << 40)) $((-17 / 5)) $((-17 % 5))", "42 1099511627776 -3 -2"),
    ("echo $((0x7fffffffffffffff)) $((~0)) $((1 ? 2 : 3))", "9223372036854775807 -1 2"),
    ("expr 123456789 '*' 987654321", "121932631112635269"),
    ("i=0; while [ $i -lt 2000 ]; do i=$((i + 1)); done; echo $i", "2000"),
    ("seq 1 100 | awk '{s += $1} END {print s}'", "5050"),
    ("awk 'BEGIN {x = 355 / 113; printf \"%.9f %d\\n\", x, x * 1e6}'", "3.141592920 3141592"),
    (
        "awk 'BEGIN {s = 0; for (i = 1; i <= 1000; i++) s += 1 / i; printf \"%.9f\\n\", s}'",
        "7.485470861",
    ),
    // Sums over data.
    ("seq 1000 | md5sum", "53d025127ae99ab79e8502aae2d9bea6  -"),
    (
        "head -c 4194304 /dev/zero | sha256sum",
        "bb9f8df61474d25e71fa00722318cd387396ca1736605e1248821cc0de3d3af8  -",
    ),
    ("seq 3000 | sort | sha1sum", "23648813631803d5389e5c9ff654b7602c2737b6  -"),
    ("seq 300 | sha512sum | cut -c1-32", "7390f4acc2ea1790cf2931126176a732"),
    ("seq 20000 | gzip | gunzip | md5sum", "e071f707df7bbeee2a6a1eb48011ddd0  -"),
    ("seq 5000 | base64 | md5sum", "53863c89454d4c94b106f3de4f2d0746  -"),
    ("seq 20000 | bzip2 | bunzip2 | md5sum", "e071f707df7bbeee2a6a1eb48011ddd0  -"),
    // Text.
    ("printf '%s\\n' c a b | sort | tr '\\n' ' '", "a b c "),
    ("seq 1 10000 | sort -n -r | head -n 1", "10000"),
    ("echo abc | sed 's/b/X/'", "aXc"),
    ("echo a:b:c | cut -d: -f2", "b"),
    ("echo abc | rev", "cba"),
    ("seq 100 | grep -c 7", "19"),
    ("printf '\\001\\377' | od -An -tx1 | tr -d ' '", "01ff"),
    ("printf 'b 1\\na 2\\n' | while read x y; do echo $y$x; done", "1b\n2a"),
    ("date -u -d @951782400 '+%F %T %a'", "2000-02-29 00:00:00 Tue"),
    // Files.
    (
        "mkdir -p /tmp/d/e/f && touch /tmp/d/g && find /tmp/d | sort",
        "/tmp/d\n/tmp/d/e\n/tmp/d/e/f\n/tmp/d/g",
    ),
    (
        "echo text > /tmp/a; cat /tmp/a; rm /tmp/a; cat /tmp/a 2>&1",
        "text\ncat: can't open '/tmp/a': No such file or directory",
    ),
    ("ln -s /tmp/d /tmp/l && readlink /tmp/l && stat -c %a /init", "/tmp/d\n755"),
    (
        "mount -t tmpfs none /mnt 2>&1 || mkdir /mnt && mount -t tmpfs none /mnt; \
      dd if=/dev/zero of=/mnt/z bs=64k count=32 2>/dev/null; stat -c %s /mnt/z; umount /mnt",
        "mount: mounting none on /mnt failed: No such file or directory\n2097152",
    ),
    ("tar cf - -C / bin/busybox | tar tf -", "bin/busybox"),
    ("cp /bin/busybox /tmp/b && cmp /bin/busybox /tmp/b && echo same", "same"),
    // Processes, pipes and signals.
    ("sh -c 'exit 7'; echo $?", "7"),
    ("X=1 sh -c 'echo $X$X'", "11"),
    ("(sleep 1; echo late) & echo early; wait", "early\nlate"),
    ("sleep 100 & p=$!; kill $p; wait $p 2>/dev/null; echo $?", "143"),
    ("sh -c 'trap \"echo caught\" USR1; kill -USR1 $$; echo after'", "caught\nafter"),
    ("mkfifo /tmp/p; echo through > /tmp/p & cat /tmp/p; wait", "through"),
    ("seq 1 200 | xargs -n 1 -P 4 echo | sort -n | md5sum", "304f7b9574921ad21a2bc72f200483d7  -"),
    ("yes | head -c 1000000 | wc -c", "1000000"),
    ("for i in 1 2 3 4 5 6 7 8; do (seq 2000 | md5sum) & done | sort -u | wc -l", "1"),
    ("sh -c 'kill -SEGV $$' 2>/dev/null; echo $?", "139"),
    // Time.
    ("a=$(date +%s); sleep 2; b=$(date +%s); echo $((b - a >= 2 && b - a < 60))", "1"),
    ("a=$(cut -d. -f1 /proc/uptime); sleep 1; b=$(cut -d. -f1 /proc/uptime); echo $((b > a))", "1"),
    ("sh -c 'timeout 1 sleep 100' >/dev/null 2>&1; echo done", "done"),
    // The machine.
    ("dmesg | grep -c 'running under KVM in 64-bit mode'", "1"),
    ("ls /sys/devices/system/cpu | grep -c 'cpu[0-9]'", CPUS),
    (
        "awk '/^SCP/ {n = 0; for (i = 2; i <= NF; i++) if ($i ~ /^[0-9]+$/) n += $i; print (n > 0)}' \
      /proc/interrupts",
        "1",
    ),
];

/// Around what a command prints.
const BEGIN: &str = "<<<";
const END: &str = ">>>";

/// A script that runs every command.
pub fn script() -> String {
    let mut script = "#!/bin/sh\n".to_owned();
    for (n, (command, _)) in COMMANDS.iter().enumerate() {
        script += &format!("echo '{BEGIN}{n}'\n{command}\necho '{END}{n}'\n");
    }
    script
}

/// What a command printed, as told by the markers around it.
fn printed(output: &str, n: usize) -> Option<&str> {
    let (_, rest) = output.split_once(&format!("{BEGIN}{n}\n"))?;
    let (printed, _) = rest.split_once(&format!("{END}{n}\n"))?;
    Some(printed.strip_suffix('\n').unwrap_or(printed))
}

/// The commands that printed something else than they should.
pub fn wrong(output: &str, cpus: u16) -> Vec<String> {
    let output = output.replace('\r', "");
    let mut wrong = Vec::new();
    for (n, (command, expected)) in COMMANDS.iter().enumerate() {
        let expected = expected.replace(CPUS, &cpus.to_string());
        let printed = printed(&output, n);
        if printed != Some(&expected) {
            wrong.push(format!("{command}\n    printed  {printed:?}\n    expected {expected:?}"));
        }
    }
    wrong
}
