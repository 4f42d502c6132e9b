//! `lowcore-kvm.h`: this interface for C.
//!
//! The kernel's headers have these types on s390 only, and a `struct kvm_run`
//! without a PSW everywhere else. The header written here has them on every
//! 64-bit host and takes the place of `<linux/kvm.h>`.

use core::fmt::{self, Write};

use crate::{CType, Field, LAYOUTS, Layout, TABLES, Table};

const BEGINNING: &str = r#"/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The s390 KVM interface of Linux 6.12, for C programs on any 64-bit Linux.
 *
 * Include this instead of <linux/kvm.h>. Generated from crates/abi of Lowcore
 * by `cargo xtask header`; do not edit.
 */
#ifndef LOWCORE_KVM_H
#define LOWCORE_KVM_H

#ifdef __LINUX_KVM_H
#error "include either <linux/kvm.h> or lowcore-kvm.h, not both"
#endif
/* <linux/kvm.h> included later, by another header, adds nothing. */
#define __LINUX_KVM_H
#define __KVM_S390

#include <linux/types.h>

#if __SIZEOF_POINTER__ != 8
#error "lowcore-kvm.h is for 64-bit hosts"
#endif

#ifdef __cplusplus
#define LOWCORE_KVM_ASSERT static_assert
#define LOWCORE_KVM_ALIGNOF alignof
#else
#define LOWCORE_KVM_ASSERT _Static_assert
#define LOWCORE_KVM_ALIGNOF _Alignof
#endif
"#;

const END: &str = r"
/* The type of an I/O interrupt. */
#define KVM_S390_INT_IO(ai, cssid, ssid, schid) \
	((schid) | ((ssid) << 16) | ((cssid) << 18) | ((ai) << 26))

#endif /* LOWCORE_KVM_H */
";

/// Writes the whole header.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut dyn Write) -> fmt::Result {
    out.write_str(BEGINNING)?;
    for table in TABLES.iter().copied().flatten() {
        write_table(out, table)?;
    }
    for layout in LAYOUTS.iter().copied().flatten() {
        write_struct(out, layout)?;
    }
    out.write_str(END)
}

fn write_table(out: &mut dyn Write, table: &Table) -> fmt::Result {
    writeln!(out, "\n/* {} */", Capitalised(table.title))?;
    for constant in table.constants {
        // As in the kernel, a small number is an int.
        let suffix = match (table.bits, constant.value) {
            (64, _) => "ULL",
            (_, 0..=0x7fff_ffff) => "",
            _ => "u",
        };
        writeln!(out, "#define {:<42} 0x{:x}{suffix}", constant.name, constant.value)?;
    }
    Ok(())
}

struct Capitalised(&'static str);

impl fmt::Display for Capitalised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut letters = self.0.chars();
        if let Some(first) = letters.next() {
            write!(f, "{}{}", first.to_ascii_uppercase(), letters.as_str())?;
        }
        Ok(())
    }
}

fn write_struct(out: &mut dyn Write, layout: &Layout) -> fmt::Result {
    writeln!(out, "\nstruct {} {{", layout.name)?;
    let mut fields = layout.fields;
    while let Some((field, rest)) = fields.split_first() {
        if let Some(end) = union_end(field, layout.alternatives) {
            let count = fields.iter().take_while(|field| field.offset < end).count();
            write_unnamed_union(out, &fields[..count], layout.alternatives)?;
            fields = &fields[count..];
            continue;
        }
        if layout.alternatives.iter().any(|member| member_of(member, field).is_some()) {
            writeln!(out, "\tunion {{")?;
            for member in layout.alternatives {
                if let Some(name) = member_of(member, field) {
                    write_declaration(out, "\t\t", name, member)?;
                }
            }
            writeln!(out, "\t}} {};", field.name)?;
        } else {
            write_declaration(out, "\t", field.name, field)?;
        }
        fields = rest;
    }
    writeln!(out, "}};")?;
    let Layout { name, size, align, .. } = layout;
    writeln!(out, "LOWCORE_KVM_ASSERT(sizeof(struct {name}) == {size}, \"size of {name}\");")?;
    writeln!(
        out,
        "LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct {name}) == {align}, \"alignment of {name}\");"
    )
}

/// The name of `member` in the named union that `field` stands for.
fn member_of(member: &Field, field: &Field) -> Option<&'static str> {
    member.name.strip_prefix(field.name)?.strip_prefix('.')
}

/// Where the unnamed union that begins with `field` ends, if one does.
fn union_end(field: &Field, alternatives: &[Field]) -> Option<usize> {
    unnamed(alternatives)
        .filter(|member| member.offset == field.offset)
        .map(|member| (member.offset + member.size).max(field.offset + field.size))
        .max()
}

fn unnamed(alternatives: &[Field]) -> impl Iterator<Item = &Field> {
    alternatives.iter().filter(|member| !member.name.contains('.'))
}

fn write_unnamed_union(
    out: &mut dyn Write,
    fields: &[Field],
    alternatives: &[Field],
) -> fmt::Result {
    writeln!(out, "\tunion {{")?;
    match fields {
        [field] => write_declaration(out, "\t\t", field.name, field)?,
        _ => {
            writeln!(out, "\t\tstruct {{")?;
            for field in fields {
                write_declaration(out, "\t\t\t", field.name, field)?;
            }
            writeln!(out, "\t\t}};")?;
        }
    }
    let start = fields.first().map_or(0, |field| field.offset);
    for member in unnamed(alternatives).filter(|member| member.offset == start) {
        write_declaration(out, "\t\t", member.name, member)?;
    }
    writeln!(out, "\t}};")
}

fn write_declaration(out: &mut dyn Write, indent: &str, name: &str, field: &Field) -> fmt::Result {
    if let Some(declaration) = field.declaration {
        return writeln!(out, "{indent}{declaration};");
    }
    let mut base = field.c_type;
    while let CType::Array(element, _) = base {
        base = *element;
    }
    match base {
        CType::Integer(integer) => write!(out, "{indent}{integer} {name}")?,
        CType::Struct(structure) => write!(out, "{indent}struct {structure} {name}")?,
        CType::Array(..) => {}
    }
    let mut array = field.c_type;
    while let CType::Array(element, length) = array {
        match length {
            0 => write!(out, "[]")?,
            _ => write!(out, "[{length}]")?,
        }
        array = *element;
    }
    writeln!(out, ";")
}
