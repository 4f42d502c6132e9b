//! crates/abi against the kernel's own headers.
//!
//! A C program prints what the s390x compiler makes of them: sizes, offsets,
//! padding, constants. Everything that it prints must be in crates/abi with
//! the same number, and the other way round. What only the headers of Linux
//! 6.12 have is in a table below, since the installed ones may be older.
//!
//! The same program compiled with `lowcore-kvm.h` checks that header.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lowcore_abi::{KVM_S390_INT_IO, KVM_SYNC_REGS_BPBC, LAYOUTS, Layout, TABLES};
use lowcore_testkit::cross::{self, Tool};

mod newer {
    //! What came between Linux 6.1 and 6.12, as the headers of 6.12 have it.

    /// Name, size and alignment.
    pub const STRUCTS: &[(&str, usize, usize)] = &[
        ("kvm_userspace_memory_region2", 160, 8),
        ("kvm_memory_attributes", 32, 8),
        ("kvm_create_guest_memfd", 64, 8),
        ("kvm_pre_fault_memory", 64, 8),
        ("kvm_run_memory_fault", 24, 8),
        ("kvm_s390_vm_cpu_uv_feat", 8, 8),
    ];

    /// Struct, field, offset and size.
    pub const FIELDS: &[(&str, &str, usize, usize)] = &[
        ("kvm_s390_mem_op", "pad1", 34, 6),
        ("kvm_s390_mem_op", "old_addr", 40, 8),
        ("kvm_run", "memory_fault", 48, 24),
        ("kvm_run_memory_fault", "flags", 0, 8),
        ("kvm_run_memory_fault", "gpa", 8, 8),
        ("kvm_run_memory_fault", "size", 16, 8),
        ("kvm_userspace_memory_region2", "slot", 0, 4),
        ("kvm_userspace_memory_region2", "flags", 4, 4),
        ("kvm_userspace_memory_region2", "guest_phys_addr", 8, 8),
        ("kvm_userspace_memory_region2", "memory_size", 16, 8),
        ("kvm_userspace_memory_region2", "userspace_addr", 24, 8),
        ("kvm_userspace_memory_region2", "guest_memfd_offset", 32, 8),
        ("kvm_userspace_memory_region2", "guest_memfd", 40, 4),
        ("kvm_userspace_memory_region2", "pad1", 44, 4),
        ("kvm_userspace_memory_region2", "pad2", 48, 112),
        ("kvm_memory_attributes", "address", 0, 8),
        ("kvm_memory_attributes", "size", 8, 8),
        ("kvm_memory_attributes", "attributes", 16, 8),
        ("kvm_memory_attributes", "flags", 24, 8),
        ("kvm_create_guest_memfd", "size", 0, 8),
        ("kvm_create_guest_memfd", "flags", 8, 8),
        ("kvm_create_guest_memfd", "reserved", 16, 48),
        ("kvm_pre_fault_memory", "gpa", 0, 8),
        ("kvm_pre_fault_memory", "size", 8, 8),
        ("kvm_pre_fault_memory", "flags", 16, 8),
        ("kvm_pre_fault_memory", "padding", 24, 40),
        ("kvm_s390_vm_cpu_uv_feat", "feat", 0, 8),
    ];

    /// Name and value. The capabilities of x86 at the end are not new, but
    /// older headers hide them from s390.
    pub const CONSTANTS: &[(&str, u64)] = &[
        ("KVM_EXIT_LOONGARCH_IOCSR", 38),
        ("KVM_EXIT_MEMORY_FAULT", 39),
        ("KVM_MEM_GUEST_MEMFD", 4),
        ("KVM_MEMORY_ATTRIBUTE_PRIVATE", 8),
        ("KVM_S390_MEMOP_ABSOLUTE_CMPXCHG", 6),
        ("KVM_S390_MEMOP_EXTENSION_CAP_BASE", 1),
        ("KVM_S390_MEMOP_EXTENSION_CAP_CMPXCHG", 2),
        ("KVM_S390_VM_CPU_PROCESSOR_UV_FEAT_GUEST", 6),
        ("KVM_S390_VM_CPU_MACHINE_UV_FEAT_GUEST", 7),
        ("KVM_S390_VM_CPU_UV_FEAT_NR_BITS", 64),
        ("KVM_SET_USER_MEMORY_REGION2", 0x40a0_ae49),
        ("KVM_SET_MEMORY_ATTRIBUTES", 0x4020_aed2),
        ("KVM_CREATE_GUEST_MEMFD", 0xc040_aed4),
        ("KVM_PRE_FAULT_MEMORY", 0xc040_aed5),
        ("KVM_CAP_S390_PROTECTED_ASYNC_DISABLE", 224),
        ("KVM_CAP_DIRTY_LOG_RING_WITH_BITMAP", 225),
        ("KVM_CAP_PMU_EVENT_MASKED_EVENTS", 226),
        ("KVM_CAP_COUNTER_OFFSET", 227),
        ("KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE", 228),
        ("KVM_CAP_ARM_SUPPORTED_BLOCK_SIZES", 229),
        ("KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES", 230),
        ("KVM_CAP_USER_MEMORY2", 231),
        ("KVM_CAP_MEMORY_FAULT_INFO", 232),
        ("KVM_CAP_MEMORY_ATTRIBUTES", 233),
        ("KVM_CAP_GUEST_MEMFD", 234),
        ("KVM_CAP_VM_TYPES", 235),
        ("KVM_CAP_PRE_FAULT_MEMORY", 236),
        ("KVM_CAP_X86_APIC_BUS_CYCLES_NS", 237),
        ("KVM_CAP_X86_GUEST_MODE", 238),
        ("KVM_CAP_REINJECT_CONTROL", 24),
        ("KVM_CAP_MCE", 31),
        ("KVM_CAP_PIT2", 33),
        ("KVM_CAP_PIT_STATE2", 35),
        ("KVM_CAP_XEN_HVM", 38),
        ("KVM_CAP_VCPU_EVENTS", 41),
        ("KVM_CAP_DEBUGREGS", 50),
        ("KVM_CAP_XSAVE", 55),
        ("KVM_CAP_XCRS", 56),
    ];

    /// The facts of these tables, in the form of [`super::Facts`].
    pub fn facts() -> super::Facts {
        let structs = STRUCTS
            .iter()
            .map(|(name, size, align)| (format!("SIZE {name}"), format!("{size} {align}")));
        let fields = FIELDS.iter().map(|(name, field, offset, size)| {
            (format!("FIELD {name} {field}"), format!("{offset} {size}"))
        });
        let constants =
            CONSTANTS.iter().map(|(name, value)| (format!("CONST {name}"), value.to_string()));
        structs.chain(fields).chain(constants).collect()
    }
}

/// What is known of the interface: `SIZE kvm_regs` is `128 8`.
type Facts = BTreeMap<String, String>;

/// What crates/abi says.
fn rust_facts() -> Facts {
    let mut facts = Facts::new();
    let mut add = |key: String, value: String| {
        let old = facts.insert(key.clone(), value);
        assert!(old.is_none(), "{key} is defined twice in crates/abi");
    };
    for layout in layouts() {
        let name = layout.name;
        add(format!("SIZE {name}"), format!("{} {}", layout.size, layout.align));
        for field in layout.fields.iter().chain(layout.alternatives) {
            let place = format!("{} {}", field.offset, field.size);
            if field.is_padding() {
                add(format!("PAD {name} {place}"), String::new());
            } else if !field.name.starts_with('_') {
                add(format!("FIELD {name} {}", field.name), place);
            }
        }
    }
    for constant in TABLES.iter().copied().flatten().flat_map(|table| table.constants) {
        add(format!("CONST {}", constant.name), constant.value.to_string());
    }
    for (ai, cssid, ssid, schid) in [(1, 0, 0, 0), (0, 0xfe, 3, 0xffff), (1, 1, 1, 1)] {
        add(
            format!("INT_IO {ai} {cssid} {ssid} {schid}"),
            KVM_S390_INT_IO(ai, cssid, ssid, schid).to_string(),
        );
    }
    facts
}

/// The one bit field, which a C compiler places by its byte order.
fn with_bit_field(mut facts: Facts, mask: u8) -> Facts {
    let byte = facts.remove("FIELD kvm_sync_regs bpbc").expect("crates/abi has bpbc");
    assert!(byte.ends_with(" 1"), "bpbc is one byte in Rust");
    facts.insert("BIT kvm_sync_regs bpbc".to_owned(), byte.replace(" 1", &format!(" {mask}")));
    facts
}

fn layouts() -> impl Iterator<Item = &'static Layout> {
    LAYOUTS.iter().copied().flatten()
}

/// What the C program printed: the last words of a line are the value.
fn parse(output: &str) -> Facts {
    let mut facts = Facts::new();
    for line in output.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let keys = match words[0] {
            "SIZE" | "CONST" => 2,
            "FIELD" | "BIT" => 3,
            "PAD" => 4,
            "INT_IO" => 5,
            other => panic!("the C program printed a line that begins with {other}"),
        };
        let (key, value) = words.split_at(keys);
        let old = facts.insert(key.join(" "), value.join(" "));
        assert!(old.is_none(), "the C program printed {line} twice");
    }
    facts
}

/// Everything that differs, in words.
fn differences(rust: &Facts, c: &Facts) -> Vec<String> {
    let mut found = Vec::new();
    for (key, value) in rust {
        match c.get(key) {
            None => found.push(format!("{key}: Rust says \"{value}\", C lacks it")),
            Some(other) if other != value => {
                found.push(format!("{key}: Rust says \"{value}\", C says \"{other}\""));
            }
            Some(_) => {}
        }
    }
    let lacking = c.iter().filter(|(key, _)| !rust.contains_key(*key));
    found.extend(lacking.map(|(key, value)| format!("{key}: C says \"{value}\", Rust lacks it")));
    found
}

fn assert_same(rust: &Facts, c: &Facts) {
    let found = differences(rust, c);
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn include_folder() -> PathBuf {
    here().join("../abi/include")
}

fn sources() -> Vec<PathBuf> {
    let mut sources: Vec<PathBuf> = std::fs::read_dir(here().join("abi"))
        .expect("the folder of C sources is there")
        .map(|entry| entry.expect("its entries can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "c"))
        .collect();
    sources.sort();
    sources
}

/// Compiles the C program and returns the file.
fn compile(compiler: Tool, name: &str, flags: &[&str]) -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut command = compiler.command().unwrap_or_else(|error| panic!("{error}"));
    command.args(["-std=gnu11", "-Wall", "-Wextra", "-Werror"]).args(flags);
    command.args(sources()).arg("-o").arg(&file);
    cross::output(&mut command).unwrap_or_else(|error| panic!("{error}"));
    file
}

fn run_s390x(file: &Path) -> Facts {
    let mut command = Tool::UserEmulator.command().unwrap_or_else(|error| panic!("{error}"));
    parse(&cross::output(command.arg(file)).unwrap_or_else(|error| panic!("{error}")))
}

#[test]
fn rust_agrees_with_the_kernels_headers() {
    cross::s390x_headers().unwrap_or_else(|error| panic!("{error}"));
    let c = run_s390x(&compile(Tool::Compiler, "abi-kernel", &["-static"]));
    let mut rust = with_bit_field(rust_facts(), 0x80);
    for key in newer::facts().into_keys() {
        if !c.contains_key(&key) {
            rust.remove(&key);
        }
    }
    assert!(rust.len() > 800, "only {} facts were compared", rust.len());
    assert_same(&rust, &c);
}

#[test]
fn rust_agrees_with_the_table_of_newer_items() {
    let all = rust_facts();
    let newer = newer::facts();
    let mut rust = all.clone();
    rust.retain(|key, _| newer.contains_key(key));
    assert_same(&rust, &newer);
    // A struct that is in the table is there with every field.
    for (name, ..) in newer::STRUCTS {
        let prefix = format!("FIELD {name} ");
        for key in all.keys().filter(|key| key.starts_with(&prefix)) {
            assert!(newer.contains_key(key), "{key} is missing from the table");
        }
    }
}

/// The fields of a Rust struct are every byte of it, so that together with
/// the comparison of padding no field of the kernel can be forgotten.
#[test]
fn fields_cover_every_byte() {
    for layout in layouts() {
        let mut end = 0;
        for field in layout.fields {
            assert_eq!(field.offset, end, "{}.{}", layout.name, field.name);
            end += field.size;
        }
        assert_eq!(end, layout.size, "{}", layout.name);
    }
}

/// Families of constants that are complete: if the kernel has another one,
/// crates/abi must have it too.
const FAMILIES: &[&str] = &[
    "KVM_CAP_",
    "KVM_DEV_FLIC_",
    "KVM_DIRTY_GFN_",
    "KVM_EXIT_",
    "KVM_GUESTDBG_",
    "KVM_INTERNAL_ERROR_",
    "KVM_IOEVENTFD_",
    "KVM_IRQFD_",
    "KVM_MEM_",
    "KVM_MP_STATE_",
    "KVM_REG_S390_",
    "KVM_S390_",
    "KVM_SYNC_",
];

/// What these families have that is none of ours: kinds of exits of other
/// architectures, and PCI functions passed through.
const NOT_OURS: &[&str] = &[
    "KVM_EXIT_HYPERV_HCALL",
    "KVM_EXIT_HYPERV_SYNDBG",
    "KVM_EXIT_HYPERV_SYNIC",
    "KVM_EXIT_IO_IN",
    "KVM_EXIT_IO_OUT",
    "KVM_EXIT_XEN_HCALL",
    "KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES",
    "KVM_S390_ZPCIOP_DEREG_AEN",
    "KVM_S390_ZPCIOP_REGAEN_HOST",
    "KVM_S390_ZPCIOP_REG_AEN",
];

/// `<linux/kvm.h>` after the preprocessor.
fn preprocessed(flags: &[&str]) -> String {
    let mut command = Tool::Compiler.command().unwrap_or_else(|error| panic!("{error}"));
    command.args(["-E", "-P", "-D__user=", "-include", "linux/kvm.h"]).args(flags);
    cross::output(command.args(["-x", "c", "/dev/null"])).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn no_constant_of_the_kernel_is_forgotten() {
    cross::s390x_headers().unwrap_or_else(|error| panic!("{error}"));
    let rust = rust_facts();
    let text = preprocessed(&["-dM"]);
    let names: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("#define ")?.split(' ').next())
        // A name with parameters is no constant.
        .filter(|name| !name.contains('('))
        .filter(|name| FAMILIES.iter().any(|family| name.starts_with(family)))
        .collect();
    assert!(names.len() > 300, "only {} constants were found in the kernel's headers", names.len());
    let forgotten: Vec<&&str> = names
        .iter()
        .filter(|name| !NOT_OURS.contains(name) && !rust.contains_key(&format!("CONST {name}")))
        .collect();
    assert!(forgotten.is_empty(), "crates/abi lacks {forgotten:?}");
}

/// Structs of s390 that are none of ours: protected and user-controlled
/// guests, and PCI functions passed through.
const STRUCTS_NOT_OURS: &[&str] = &["kvm_s390_pv_", "kvm_s390_ucas_mapping", "kvm_s390_zpci_op"];

#[test]
fn no_struct_of_the_kernel_is_forgotten() {
    cross::s390x_headers().unwrap_or_else(|error| panic!("{error}"));
    let text = preprocessed(&[]);
    let names: Vec<&str> = text
        .split("struct ")
        .filter_map(|rest| {
            let (name, rest) = rest.split_once([' ', ';', ')', '\n'])?;
            (name.starts_with("kvm_s390_") && rest.trim_start().starts_with('{')).then_some(name)
        })
        .collect();
    assert!(names.len() > 20, "only {} structs were found in the kernel's headers", names.len());
    let forgotten: Vec<&&str> = names
        .iter()
        .filter(|name| !STRUCTS_NOT_OURS.iter().any(|other| name.starts_with(other)))
        .filter(|name| !layouts().any(|layout| layout.name == **name))
        .collect();
    assert!(forgotten.is_empty(), "crates/abi lacks {forgotten:?}");
}

#[test]
fn the_header_for_c_is_current() {
    let mut text = String::new();
    lowcore_abi::header::write(&mut text).expect("a String takes everything");
    let file = include_folder().join("lowcore-kvm.h");
    let current = std::fs::read_to_string(&file).expect("the header is there");
    assert!(current == text, "lowcore-kvm.h is not current: run `cargo xtask header`");
}

/// What the C program prints with `lowcore-kvm.h`: all facts, and no padding
/// since that header names every byte.
fn header_facts(mask: u8) -> Facts {
    let mut facts = with_bit_field(rust_facts(), mask);
    facts.retain(|key, _| !key.starts_with("PAD "));
    facts
}

fn header_flags() -> Vec<String> {
    vec![format!("-I{}", include_folder().display()), "-DLOWCORE_HEADER".to_owned()]
}

#[test]
fn the_header_for_c_is_right_on_this_host() {
    let flags = header_flags();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let file = compile(Tool::HostCompiler, "abi-host", &flags);
    let output = cross::output(&mut std::process::Command::new(file))
        .unwrap_or_else(|error| panic!("{error}"));
    assert_same(&header_facts(KVM_SYNC_REGS_BPBC), &parse(&output));
}

#[test]
fn the_header_for_c_is_right_on_s390x() {
    let flags = header_flags();
    let mut flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    flags.push("-static");
    let c = run_s390x(&compile(Tool::Compiler, "abi-s390x", &flags));
    assert_same(&header_facts(0x80), &c);
}

/// The comparison itself finds a wrong offset, a wrong value, and what either
/// side lacks.
#[test]
fn a_difference_is_found() {
    let c = rust_facts();
    let mut rust = c.clone();
    assert!(differences(&rust, &c).is_empty());
    rust.insert("FIELD kvm_s390_pgm_info code".to_owned(), "30 2".to_owned());
    rust.insert("CONST KVM_S390_IRQ".to_owned(), "0".to_owned());
    rust.remove("FIELD kvm_s390_mchk_info mcic");
    rust.insert("FIELD kvm_regs pc".to_owned(), "128 8".to_owned());
    assert_eq!(differences(&rust, &c).len(), 4);
}
