/* SPDX-License-Identifier: MIT OR Apache-2.0 */
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

/* The interface */
#define KVM_API_VERSION                            0xc
#define KVMIO                                      0xae

/* Types of VMs */
#define KVM_VM_S390_UCONTROL                       0x1ULL

/* Pages of a CPU's mapping */
#define KVM_S390_SIE_PAGE_OFFSET                   0x1ULL

/* Flags of the dirty ring */
#define KVM_DIRTY_GFN_F_DIRTY                      0x1
#define KVM_DIRTY_GFN_F_RESET                      0x2
#define KVM_DIRTY_GFN_F_MASK                       0x3

/* Ioctls */
#define KVM_GET_API_VERSION                        0xae00
#define KVM_CREATE_VM                              0xae01
#define KVM_CHECK_EXTENSION                        0xae03
#define KVM_GET_VCPU_MMAP_SIZE                     0xae04
#define KVM_S390_ENABLE_SIE                        0xae06
#define KVM_CREATE_VCPU                            0xae41
#define KVM_GET_DIRTY_LOG                          0x4010ae42
#define KVM_SET_USER_MEMORY_REGION                 0x4020ae46
#define KVM_SET_USER_MEMORY_REGION2                0x40a0ae49
#define KVM_S390_UCAS_MAP                          0x4018ae50
#define KVM_S390_UCAS_UNMAP                        0x4018ae51
#define KVM_S390_VCPU_FAULT                        0x4008ae52
#define KVM_CREATE_IRQCHIP                         0xae60
#define KVM_IRQ_LINE                               0x4008ae61
#define KVM_IRQ_LINE_STATUS                        0xc008ae67u
#define KVM_REGISTER_COALESCED_MMIO                0x4010ae67
#define KVM_UNREGISTER_COALESCED_MMIO              0x4010ae68
#define KVM_SET_GSI_ROUTING                        0x4008ae6a
#define KVM_IRQFD                                  0x4020ae76
#define KVM_IOEVENTFD                              0x4040ae79
#define KVM_RUN                                    0xae80
#define KVM_GET_REGS                               0x8080ae81u
#define KVM_SET_REGS                               0x4080ae82
#define KVM_GET_SREGS                              0x80c0ae83u
#define KVM_SET_SREGS                              0x40c0ae84
#define KVM_TRANSLATE                              0xc018ae85u
#define KVM_INTERRUPT                              0x4004ae86
#define KVM_SET_SIGNAL_MASK                        0x4004ae8b
#define KVM_GET_FPU                                0x8088ae8cu
#define KVM_SET_FPU                                0x4088ae8d
#define KVM_S390_INTERRUPT                         0x4010ae94
#define KVM_S390_STORE_STATUS                      0x4008ae95
#define KVM_S390_SET_INITIAL_PSW                   0x4010ae96
#define KVM_S390_INITIAL_RESET                     0xae97
#define KVM_GET_MP_STATE                           0x8004ae98u
#define KVM_SET_MP_STATE                           0x4004ae99
#define KVM_NMI                                    0xae9a
#define KVM_SET_GUEST_DEBUG                        0x4018ae9b
#define KVM_ENABLE_CAP                             0x4068aea3
#define KVM_SIGNAL_MSI                             0x4020aea5
#define KVM_GET_ONE_REG                            0x4010aeab
#define KVM_SET_ONE_REG                            0x4010aeac
#define KVM_GET_REG_LIST                           0xc008aeb0u
#define KVM_S390_MEM_OP                            0x4040aeb1
#define KVM_S390_GET_SKEYS                         0x4040aeb2
#define KVM_S390_SET_SKEYS                         0x4040aeb3
#define KVM_S390_IRQ                               0x4048aeb4
#define KVM_S390_SET_IRQ_STATE                     0x4020aeb5
#define KVM_S390_GET_IRQ_STATE                     0x4020aeb6
#define KVM_S390_GET_CMMA_BITS                     0xc020aeb8u
#define KVM_S390_SET_CMMA_BITS                     0x4020aeb9
#define KVM_CLEAR_DIRTY_LOG                        0xc018aec0u
#define KVM_S390_NORMAL_RESET                      0xaec3
#define KVM_S390_CLEAR_RESET                       0xaec4
#define KVM_S390_PV_COMMAND                        0xc020aec5u
#define KVM_RESET_DIRTY_RINGS                      0xaec7
#define KVM_GET_STATS_FD                           0xaece
#define KVM_S390_PV_CPU_COMMAND                    0xc020aed0u
#define KVM_S390_ZPCI_OP                           0x4048aed1
#define KVM_SET_MEMORY_ATTRIBUTES                  0x4020aed2
#define KVM_CREATE_GUEST_MEMFD                     0xc040aed4u
#define KVM_PRE_FAULT_MEMORY                       0xc040aed5u
#define KVM_CREATE_DEVICE                          0xc00caee0u
#define KVM_SET_DEVICE_ATTR                        0x4018aee1
#define KVM_GET_DEVICE_ATTR                        0x4018aee2
#define KVM_HAS_DEVICE_ATTR                        0x4018aee3

/* Capabilities */
#define KVM_CAP_USER_MEMORY                        0x3
#define KVM_CAP_NR_VCPUS                           0x9
#define KVM_CAP_NR_MEMSLOTS                        0xa
#define KVM_CAP_MP_STATE                           0xe
#define KVM_CAP_COALESCED_MMIO                     0xf
#define KVM_CAP_SYNC_MMU                           0x10
#define KVM_CAP_DESTROY_MEMORY_REGION_WORKS        0x15
#define KVM_CAP_SET_GUEST_DEBUG                    0x17
#define KVM_CAP_IRQ_ROUTING                        0x19
#define KVM_CAP_JOIN_MEMORY_REGIONS_WORKS          0x1e
#define KVM_CAP_IRQFD                              0x20
#define KVM_CAP_IOEVENTFD                          0x24
#define KVM_CAP_INTERNAL_ERROR_DATA                0x28
#define KVM_CAP_S390_PSW                           0x2a
#define KVM_CAP_ENABLE_CAP                         0x36
#define KVM_CAP_ASYNC_PF                           0x3b
#define KVM_CAP_MAX_VCPUS                          0x42
#define KVM_CAP_ONE_REG                            0x46
#define KVM_CAP_S390_GMAP                          0x47
#define KVM_CAP_S390_UCONTROL                      0x49
#define KVM_CAP_SYNC_REGS                          0x4a
#define KVM_CAP_S390_COW                           0x4f
#define KVM_CAP_READONLY_MEM                       0x51
#define KVM_CAP_IRQFD_RESAMPLE                     0x52
#define KVM_CAP_S390_CSS_SUPPORT                   0x55
#define KVM_CAP_DEVICE_CTRL                        0x59
#define KVM_CAP_ENABLE_CAP_VM                      0x62
#define KVM_CAP_S390_IRQCHIP                       0x63
#define KVM_CAP_IOEVENTFD_NO_LENGTH                0x64
#define KVM_CAP_VM_ATTRIBUTES                      0x65
#define KVM_CAP_CHECK_EXTENSION_VM                 0x69
#define KVM_CAP_S390_USER_SIGP                     0x6a
#define KVM_CAP_S390_VECTOR_REGISTERS              0x6b
#define KVM_CAP_S390_MEM_OP                        0x6c
#define KVM_CAP_S390_USER_STSI                     0x6d
#define KVM_CAP_S390_SKEYS                         0x6e
#define KVM_CAP_S390_INJECT_IRQ                    0x71
#define KVM_CAP_S390_IRQ_STATE                     0x72
#define KVM_CAP_MULTI_ADDRESS_SPACE                0x76
#define KVM_CAP_GUEST_DEBUG_HW_BPS                 0x77
#define KVM_CAP_GUEST_DEBUG_HW_WPS                 0x78
#define KVM_CAP_IOEVENTFD_ANY_LENGTH               0x7a
#define KVM_CAP_S390_RI                            0x7c
#define KVM_CAP_VCPU_ATTRIBUTES                    0x7f
#define KVM_CAP_MAX_VCPU_ID                        0x80
#define KVM_CAP_S390_USER_INSTR0                   0x82
#define KVM_CAP_IMMEDIATE_EXIT                     0x88
#define KVM_CAP_S390_GS                            0x8c
#define KVM_CAP_S390_AIS                           0x8d
#define KVM_CAP_S390_CMMA_MIGRATION                0x91
#define KVM_CAP_S390_AIS_MIGRATION                 0x96
#define KVM_CAP_S390_BPB                           0x98
#define KVM_CAP_S390_HPAGE_1M                      0x9c
#define KVM_CAP_MANUAL_DIRTY_LOG_PROTECT           0xa6
#define KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2          0xa8
#define KVM_CAP_S390_VCPU_RESETS                   0xb3
#define KVM_CAP_S390_PROTECTED                     0xb4
#define KVM_CAP_HALT_POLL                          0xb6
#define KVM_CAP_LAST_CPU                           0xb8
#define KVM_CAP_S390_DIAG318                       0xba
#define KVM_CAP_DIRTY_LOG_RING                     0xc0
#define KVM_CAP_SET_GUEST_DEBUG2                   0xc3
#define KVM_CAP_BINARY_STATS_FD                    0xcb
#define KVM_CAP_SYS_ATTRIBUTES                     0xd1
#define KVM_CAP_S390_MEM_OP_EXTENSION              0xd3
#define KVM_CAP_SYSTEM_EVENT_DATA                  0xd7
#define KVM_CAP_S390_PROTECTED_DUMP                0xd9
#define KVM_CAP_S390_ZPCI_OP                       0xdd
#define KVM_CAP_S390_CPU_TOPOLOGY                  0xde
#define KVM_CAP_DIRTY_LOG_RING_ACQ_REL             0xdf
#define KVM_CAP_S390_PROTECTED_ASYNC_DISABLE       0xe0
#define KVM_CAP_DIRTY_LOG_RING_WITH_BITMAP         0xe1
#define KVM_CAP_USER_MEMORY2                       0xe7
#define KVM_CAP_MEMORY_FAULT_INFO                  0xe8
#define KVM_CAP_MEMORY_ATTRIBUTES                  0xe9
#define KVM_CAP_GUEST_MEMFD                        0xea
#define KVM_CAP_VM_TYPES                           0xeb
#define KVM_CAP_PRE_FAULT_MEMORY                   0xec
#define KVM_CAP_IRQCHIP                            0x0
#define KVM_CAP_HLT                                0x1
#define KVM_CAP_MMU_SHADOW_CACHE_CONTROL           0x2
#define KVM_CAP_SET_TSS_ADDR                       0x4
#define KVM_CAP_VAPIC                              0x6
#define KVM_CAP_EXT_CPUID                          0x7
#define KVM_CAP_CLOCKSOURCE                        0x8
#define KVM_CAP_PIT                                0xb
#define KVM_CAP_NOP_IO_DELAY                       0xc
#define KVM_CAP_PV_MMU                             0xd
#define KVM_CAP_IOMMU                              0x12
#define KVM_CAP_USER_NMI                           0x16
#define KVM_CAP_REINJECT_CONTROL                   0x18
#define KVM_CAP_IRQ_INJECT_STATUS                  0x1a
#define KVM_CAP_ASSIGN_DEV_IRQ                     0x1d
#define KVM_CAP_MCE                                0x1f
#define KVM_CAP_PIT2                               0x21
#define KVM_CAP_SET_BOOT_CPU_ID                    0x22
#define KVM_CAP_PIT_STATE2                         0x23
#define KVM_CAP_SET_IDENTITY_MAP_ADDR              0x25
#define KVM_CAP_XEN_HVM                            0x26
#define KVM_CAP_ADJUST_CLOCK                       0x27
#define KVM_CAP_VCPU_EVENTS                        0x29
#define KVM_CAP_PPC_SEGSTATE                       0x2b
#define KVM_CAP_HYPERV                             0x2c
#define KVM_CAP_HYPERV_VAPIC                       0x2d
#define KVM_CAP_HYPERV_SPIN                        0x2e
#define KVM_CAP_PCI_SEGMENT                        0x2f
#define KVM_CAP_PPC_PAIRED_SINGLES                 0x30
#define KVM_CAP_INTR_SHADOW                        0x31
#define KVM_CAP_DEBUGREGS                          0x32
#define KVM_CAP_X86_ROBUST_SINGLESTEP              0x33
#define KVM_CAP_PPC_OSI                            0x34
#define KVM_CAP_PPC_UNSET_IRQ                      0x35
#define KVM_CAP_XSAVE                              0x37
#define KVM_CAP_XCRS                               0x38
#define KVM_CAP_PPC_GET_PVINFO                     0x39
#define KVM_CAP_PPC_IRQ_LEVEL                      0x3a
#define KVM_CAP_TSC_CONTROL                        0x3c
#define KVM_CAP_GET_TSC_KHZ                        0x3d
#define KVM_CAP_PPC_BOOKE_SREGS                    0x3e
#define KVM_CAP_SPAPR_TCE                          0x3f
#define KVM_CAP_PPC_SMT                            0x40
#define KVM_CAP_PPC_RMA                            0x41
#define KVM_CAP_PPC_HIOR                           0x43
#define KVM_CAP_PPC_PAPR                           0x44
#define KVM_CAP_SW_TLB                             0x45
#define KVM_CAP_TSC_DEADLINE_TIMER                 0x48
#define KVM_CAP_PCI_2_3                            0x4b
#define KVM_CAP_KVMCLOCK_CTRL                      0x4c
#define KVM_CAP_SIGNAL_MSI                         0x4d
#define KVM_CAP_PPC_GET_SMMU_INFO                  0x4e
#define KVM_CAP_PPC_ALLOC_HTAB                     0x50
#define KVM_CAP_PPC_BOOKE_WATCHDOG                 0x53
#define KVM_CAP_PPC_HTAB_FD                        0x54
#define KVM_CAP_PPC_EPR                            0x56
#define KVM_CAP_ARM_PSCI                           0x57
#define KVM_CAP_ARM_SET_DEVICE_ADDR                0x58
#define KVM_CAP_IRQ_MPIC                           0x5a
#define KVM_CAP_PPC_RTAS                           0x5b
#define KVM_CAP_IRQ_XICS                           0x5c
#define KVM_CAP_ARM_EL1_32BIT                      0x5d
#define KVM_CAP_SPAPR_MULTITCE                     0x5e
#define KVM_CAP_EXT_EMUL_CPUID                     0x5f
#define KVM_CAP_HYPERV_TIME                        0x60
#define KVM_CAP_IOAPIC_POLARITY_IGNORED            0x61
#define KVM_CAP_ARM_PSCI_0_2                       0x66
#define KVM_CAP_PPC_FIXUP_HCALL                    0x67
#define KVM_CAP_PPC_ENABLE_HCALL                   0x68
#define KVM_CAP_MIPS_FPU                           0x6f
#define KVM_CAP_MIPS_MSA                           0x70
#define KVM_CAP_PPC_HWRNG                          0x73
#define KVM_CAP_DISABLE_QUIRKS                     0x74
#define KVM_CAP_X86_SMM                            0x75
#define KVM_CAP_SPLIT_IRQCHIP                      0x79
#define KVM_CAP_HYPERV_SYNIC                       0x7b
#define KVM_CAP_SPAPR_TCE_64                       0x7d
#define KVM_CAP_ARM_PMU_V3                         0x7e
#define KVM_CAP_X2APIC_API                         0x81
#define KVM_CAP_MSI_DEVID                          0x83
#define KVM_CAP_PPC_HTM                            0x84
#define KVM_CAP_SPAPR_RESIZE_HPT                   0x85
#define KVM_CAP_PPC_MMU_RADIX                      0x86
#define KVM_CAP_PPC_MMU_HASH_V3                    0x87
#define KVM_CAP_MIPS_VZ                            0x89
#define KVM_CAP_MIPS_TE                            0x8a
#define KVM_CAP_MIPS_64BIT                         0x8b
#define KVM_CAP_SPAPR_TCE_VFIO                     0x8e
#define KVM_CAP_X86_DISABLE_EXITS                  0x8f
#define KVM_CAP_ARM_USER_IRQ                       0x90
#define KVM_CAP_PPC_FWNMI                          0x92
#define KVM_CAP_PPC_SMT_POSSIBLE                   0x93
#define KVM_CAP_HYPERV_SYNIC2                      0x94
#define KVM_CAP_HYPERV_VP_INDEX                    0x95
#define KVM_CAP_PPC_GET_CPU_CHAR                   0x97
#define KVM_CAP_GET_MSR_FEATURES                   0x99
#define KVM_CAP_HYPERV_EVENTFD                     0x9a
#define KVM_CAP_HYPERV_TLBFLUSH                    0x9b
#define KVM_CAP_NESTED_STATE                       0x9d
#define KVM_CAP_ARM_INJECT_SERROR_ESR              0x9e
#define KVM_CAP_MSR_PLATFORM_INFO                  0x9f
#define KVM_CAP_PPC_NESTED_HV                      0xa0
#define KVM_CAP_HYPERV_SEND_IPI                    0xa1
#define KVM_CAP_COALESCED_PIO                      0xa2
#define KVM_CAP_HYPERV_ENLIGHTENED_VMCS            0xa3
#define KVM_CAP_EXCEPTION_PAYLOAD                  0xa4
#define KVM_CAP_ARM_VM_IPA_SIZE                    0xa5
#define KVM_CAP_HYPERV_CPUID                       0xa7
#define KVM_CAP_PPC_IRQ_XIVE                       0xa9
#define KVM_CAP_ARM_SVE                            0xaa
#define KVM_CAP_ARM_PTRAUTH_ADDRESS                0xab
#define KVM_CAP_ARM_PTRAUTH_GENERIC                0xac
#define KVM_CAP_PMU_EVENT_FILTER                   0xad
#define KVM_CAP_ARM_IRQ_LINE_LAYOUT_2              0xae
#define KVM_CAP_HYPERV_DIRECT_TLBFLUSH             0xaf
#define KVM_CAP_PPC_GUEST_DEBUG_SSTEP              0xb0
#define KVM_CAP_ARM_NISV_TO_USER                   0xb1
#define KVM_CAP_ARM_INJECT_EXT_DABT                0xb2
#define KVM_CAP_PPC_SECURE_GUEST                   0xb5
#define KVM_CAP_ASYNC_PF_INT                       0xb7
#define KVM_CAP_SMALLER_MAXPHYADDR                 0xb9
#define KVM_CAP_STEAL_TIME                         0xbb
#define KVM_CAP_X86_USER_SPACE_MSR                 0xbc
#define KVM_CAP_X86_MSR_FILTER                     0xbd
#define KVM_CAP_ENFORCE_PV_FEATURE_CPUID           0xbe
#define KVM_CAP_SYS_HYPERV_CPUID                   0xbf
#define KVM_CAP_X86_BUS_LOCK_EXIT                  0xc1
#define KVM_CAP_PPC_DAWR1                          0xc2
#define KVM_CAP_SGX_ATTRIBUTE                      0xc4
#define KVM_CAP_VM_COPY_ENC_CONTEXT_FROM           0xc5
#define KVM_CAP_PTP_KVM                            0xc6
#define KVM_CAP_HYPERV_ENFORCE_CPUID               0xc7
#define KVM_CAP_SREGS2                             0xc8
#define KVM_CAP_EXIT_HYPERCALL                     0xc9
#define KVM_CAP_PPC_RPT_INVALIDATE                 0xca
#define KVM_CAP_EXIT_ON_EMULATION_FAILURE          0xcc
#define KVM_CAP_ARM_MTE                            0xcd
#define KVM_CAP_VM_MOVE_ENC_CONTEXT_FROM           0xce
#define KVM_CAP_VM_GPA_BITS                        0xcf
#define KVM_CAP_XSAVE2                             0xd0
#define KVM_CAP_PPC_AIL_MODE_3                     0xd2
#define KVM_CAP_PMU_CAPABILITY                     0xd4
#define KVM_CAP_DISABLE_QUIRKS2                    0xd5
#define KVM_CAP_VM_TSC_CONTROL                     0xd6
#define KVM_CAP_ARM_SYSTEM_SUSPEND                 0xd8
#define KVM_CAP_X86_TRIPLE_FAULT_EVENT             0xda
#define KVM_CAP_X86_NOTIFY_VMEXIT                  0xdb
#define KVM_CAP_VM_DISABLE_NX_HUGE_PAGES           0xdc
#define KVM_CAP_PMU_EVENT_MASKED_EVENTS            0xe2
#define KVM_CAP_COUNTER_OFFSET                     0xe3
#define KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE         0xe4
#define KVM_CAP_ARM_SUPPORTED_BLOCK_SIZES          0xe5
#define KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES      0xe6
#define KVM_CAP_X86_APIC_BUS_CYCLES_NS             0xed
#define KVM_CAP_X86_GUEST_MODE                     0xee

/* Types of interrupts */
#define KVM_S390_SIGP_STOP                         0xfffe0000u
#define KVM_S390_PROGRAM_INT                       0xfffe0001u
#define KVM_S390_SIGP_SET_PREFIX                   0xfffe0002u
#define KVM_S390_RESTART                           0xfffe0003u
#define KVM_S390_INT_PFAULT_INIT                   0xfffe0004u
#define KVM_S390_INT_PFAULT_DONE                   0xfffe0005u
#define KVM_S390_MCHK                              0xfffe1000u
#define KVM_S390_INT_CLOCK_COMP                    0xffff1004u
#define KVM_S390_INT_CPU_TIMER                     0xffff1005u
#define KVM_S390_INT_VIRTIO                        0xffff2603u
#define KVM_S390_INT_SERVICE                       0xffff2401u
#define KVM_S390_INT_EMERGENCY                     0xffff1201u
#define KVM_S390_INT_EXTERNAL_CALL                 0xffff1202u

/* Types of I/O interrupts */
#define KVM_S390_INT_IO_MIN                        0x0
#define KVM_S390_INT_IO_MAX                        0xfffdffffu
#define KVM_S390_INT_IO_AI_MASK                    0x4000000

/* Flags of a program interrupt */
#define KVM_S390_PGM_FLAGS_ILC_VALID               0x1
#define KVM_S390_PGM_FLAGS_ILC_0                   0x2
#define KVM_S390_PGM_FLAGS_ILC_1                   0x4
#define KVM_S390_PGM_FLAGS_ILC_MASK                0x6
#define KVM_S390_PGM_FLAGS_NO_REWIND               0x8

/* Flags of a stop */
#define KVM_S390_STOP_FLAG_STORE_STATUS            0x1

/* Reasons of exits */
#define KVM_EXIT_UNKNOWN                           0x0
#define KVM_EXIT_DEBUG                             0x4
#define KVM_EXIT_FAIL_ENTRY                        0x9
#define KVM_EXIT_INTR                              0xa
#define KVM_EXIT_S390_SIEIC                        0xd
#define KVM_EXIT_S390_RESET                        0xe
#define KVM_EXIT_INTERNAL_ERROR                    0x11
#define KVM_EXIT_S390_UCONTROL                     0x14
#define KVM_EXIT_S390_TSCH                         0x16
#define KVM_EXIT_SYSTEM_EVENT                      0x18
#define KVM_EXIT_S390_STSI                         0x19
#define KVM_EXIT_DIRTY_RING_FULL                   0x1f
#define KVM_EXIT_MEMORY_FAULT                      0x27
#define KVM_EXIT_EXCEPTION                         0x1
#define KVM_EXIT_IO                                0x2
#define KVM_EXIT_HYPERCALL                         0x3
#define KVM_EXIT_HLT                               0x5
#define KVM_EXIT_MMIO                              0x6
#define KVM_EXIT_IRQ_WINDOW_OPEN                   0x7
#define KVM_EXIT_SHUTDOWN                          0x8
#define KVM_EXIT_SET_TPR                           0xb
#define KVM_EXIT_TPR_ACCESS                        0xc
#define KVM_EXIT_DCR                               0xf
#define KVM_EXIT_NMI                               0x10
#define KVM_EXIT_OSI                               0x12
#define KVM_EXIT_PAPR_HCALL                        0x13
#define KVM_EXIT_WATCHDOG                          0x15
#define KVM_EXIT_EPR                               0x17
#define KVM_EXIT_IOAPIC_EOI                        0x1a
#define KVM_EXIT_HYPERV                            0x1b
#define KVM_EXIT_ARM_NISV                          0x1c
#define KVM_EXIT_X86_RDMSR                         0x1d
#define KVM_EXIT_X86_WRMSR                         0x1e
#define KVM_EXIT_AP_RESET_HOLD                     0x20
#define KVM_EXIT_X86_BUS_LOCK                      0x21
#define KVM_EXIT_XEN                               0x22
#define KVM_EXIT_RISCV_SBI                         0x23
#define KVM_EXIT_RISCV_CSR                         0x24
#define KVM_EXIT_NOTIFY                            0x25
#define KVM_EXIT_LOONGARCH_IOCSR                   0x26

/* Flags of a reset */
#define KVM_S390_RESET_POR                         0x1ULL
#define KVM_S390_RESET_CLEAR                       0x2ULL
#define KVM_S390_RESET_SUBSYSTEM                   0x4ULL
#define KVM_S390_RESET_CPU_INIT                    0x8ULL
#define KVM_S390_RESET_IPL                         0x10ULL

/* Internal errors */
#define KVM_INTERNAL_ERROR_EMULATION               0x1
#define KVM_INTERNAL_ERROR_SIMUL_EX                0x2
#define KVM_INTERNAL_ERROR_DELIVERY_EV             0x3
#define KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON  0x4

/* Groups of shared registers */
#define KVM_SYNC_PREFIX                            0x1ULL
#define KVM_SYNC_GPRS                              0x2ULL
#define KVM_SYNC_ACRS                              0x4ULL
#define KVM_SYNC_CRS                               0x8ULL
#define KVM_SYNC_ARCH0                             0x10ULL
#define KVM_SYNC_PFAULT                            0x20ULL
#define KVM_SYNC_VRS                               0x40ULL
#define KVM_SYNC_RICCB                             0x80ULL
#define KVM_SYNC_FPRS                              0x100ULL
#define KVM_SYNC_GSCB                              0x200ULL
#define KVM_SYNC_BPBC                              0x400ULL
#define KVM_SYNC_ETOKEN                            0x800ULL
#define KVM_SYNC_DIAG318                           0x1000ULL
#define KVM_SYNC_S390_VALID_FIELDS                 0x1fffULL

/* Sizes in the run page */
#define SYNC_REGS_SIZE_BYTES                       0x800ULL
#define SDNXC                                      0x8ULL
#define SDNXL                                      0x100ULL

/* Fields of register numbers */
#define KVM_REG_ARCH_MASK                          0xff00000000000000ULL
#define KVM_REG_S390                               0x5000000000000000ULL
#define KVM_REG_SIZE_SHIFT                         0x34ULL
#define KVM_REG_SIZE_MASK                          0xf0000000000000ULL
#define KVM_REG_SIZE_U32                           0x20000000000000ULL
#define KVM_REG_SIZE_U64                           0x30000000000000ULL

/* Register numbers */
#define KVM_REG_S390_TODPR                         0x5020000000000001ULL
#define KVM_REG_S390_EPOCHDIFF                     0x5030000000000002ULL
#define KVM_REG_S390_CPU_TIMER                     0x5030000000000003ULL
#define KVM_REG_S390_CLOCK_COMP                    0x5030000000000004ULL
#define KVM_REG_S390_PFTOKEN                       0x5030000000000005ULL
#define KVM_REG_S390_PFCOMPARE                     0x5030000000000006ULL
#define KVM_REG_S390_PFSELECT                      0x5030000000000007ULL
#define KVM_REG_S390_PP                            0x5030000000000008ULL
#define KVM_REG_S390_GBEA                          0x5030000000000009ULL

/* The pfault handshake */
#define KVM_S390_PFAULT_TOKEN_INVALID              0xffffffffffffffffULL

/* States of a CPU */
#define KVM_MP_STATE_RUNNABLE                      0x0
#define KVM_MP_STATE_UNINITIALIZED                 0x1
#define KVM_MP_STATE_INIT_RECEIVED                 0x2
#define KVM_MP_STATE_HALTED                        0x3
#define KVM_MP_STATE_SIPI_RECEIVED                 0x4
#define KVM_MP_STATE_STOPPED                       0x5
#define KVM_MP_STATE_CHECK_STOP                    0x6
#define KVM_MP_STATE_OPERATING                     0x7
#define KVM_MP_STATE_LOAD                          0x8
#define KVM_MP_STATE_AP_RESET_HOLD                 0x9
#define KVM_MP_STATE_SUSPENDED                     0xa

/* Places of the status */
#define KVM_S390_STORE_STATUS_NOADDR               0xffffffffffffffffULL
#define KVM_S390_STORE_STATUS_PREFIXED             0xfffffffffffffffeULL

/* Flags of guest debugging */
#define KVM_GUESTDBG_ENABLE                        0x1
#define KVM_GUESTDBG_SINGLESTEP                    0x2
#define KVM_GUESTDBG_USE_HW_BP                     0x10000

/* Kinds of debug events */
#define KVM_HW_BP                                  0x1
#define KVM_HW_WP_WRITE                            0x2
#define KVM_SINGLESTEP                             0x4

/* Flags of a memory slot */
#define KVM_MEM_LOG_DIRTY_PAGES                    0x1
#define KVM_MEM_READONLY                           0x2
#define KVM_MEM_GUEST_MEMFD                        0x4

/* Operations on storage */
#define KVM_S390_MEMOP_LOGICAL_READ                0x0
#define KVM_S390_MEMOP_LOGICAL_WRITE               0x1
#define KVM_S390_MEMOP_SIDA_READ                   0x2
#define KVM_S390_MEMOP_SIDA_WRITE                  0x3
#define KVM_S390_MEMOP_ABSOLUTE_READ               0x4
#define KVM_S390_MEMOP_ABSOLUTE_WRITE              0x5
#define KVM_S390_MEMOP_ABSOLUTE_CMPXCHG            0x6

/* Flags of an operation on storage */
#define KVM_S390_MEMOP_F_CHECK_ONLY                0x1ULL
#define KVM_S390_MEMOP_F_INJECT_EXCEPTION          0x2ULL
#define KVM_S390_MEMOP_F_SKEY_PROTECTION           0x4ULL

/* Extensions of operations on storage */
#define KVM_S390_MEMOP_EXTENSION_CAP_BASE          0x1
#define KVM_S390_MEMOP_EXTENSION_CAP_CMPXCHG       0x2

/* Storage keys */
#define KVM_S390_GET_SKEYS_NONE                    0x1ULL
#define KVM_S390_SKEYS_MAX                         0x100000ULL

/* Flags of page states */
#define KVM_S390_CMMA_PEEK                         0x1

/* Flags of the dirty log */
#define KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE        0x1ULL
#define KVM_DIRTY_LOG_INITIALLY_SET                0x2ULL

/* Attributes of memory */
#define KVM_MEMORY_ATTRIBUTE_PRIVATE               0x8ULL

/* Types of devices */
#define KVM_DEV_TYPE_VFIO                          0x4
#define KVM_DEV_TYPE_FLIC                          0x6

/* Flags of a new device */
#define KVM_CREATE_DEVICE_TEST                     0x1

/* Groups of attributes of a VM */
#define KVM_S390_VM_MEM_CTRL                       0x0
#define KVM_S390_VM_TOD                            0x1
#define KVM_S390_VM_CRYPTO                         0x2
#define KVM_S390_VM_CPU_MODEL                      0x3
#define KVM_S390_VM_MIGRATION                      0x4
#define KVM_S390_VM_CPU_TOPOLOGY                   0x5

/* Attributes of a VM's storage */
#define KVM_S390_VM_MEM_ENABLE_CMMA                0x0ULL
#define KVM_S390_VM_MEM_CLR_CMMA                   0x1ULL
#define KVM_S390_VM_MEM_LIMIT_SIZE                 0x2ULL

/* Limits of a VM's storage */
#define KVM_S390_NO_MEM_LIMIT                      0xffffffffffffffffULL

/* Attributes of a VM's TOD clock */
#define KVM_S390_VM_TOD_LOW                        0x0ULL
#define KVM_S390_VM_TOD_HIGH                       0x1ULL
#define KVM_S390_VM_TOD_EXT                        0x2ULL

/* Attributes of a VM's cipher keys */
#define KVM_S390_VM_CRYPTO_ENABLE_AES_KW           0x0ULL
#define KVM_S390_VM_CRYPTO_ENABLE_DEA_KW           0x1ULL
#define KVM_S390_VM_CRYPTO_DISABLE_AES_KW          0x2ULL
#define KVM_S390_VM_CRYPTO_DISABLE_DEA_KW          0x3ULL
#define KVM_S390_VM_CRYPTO_ENABLE_APIE             0x4ULL
#define KVM_S390_VM_CRYPTO_DISABLE_APIE            0x5ULL

/* Attributes of a VM's migration */
#define KVM_S390_VM_MIGRATION_STOP                 0x0ULL
#define KVM_S390_VM_MIGRATION_START                0x1ULL
#define KVM_S390_VM_MIGRATION_STATUS               0x2ULL

/* Groups of attributes of the FLIC */
#define KVM_DEV_FLIC_GET_ALL_IRQS                  0x1
#define KVM_DEV_FLIC_ENQUEUE                       0x2
#define KVM_DEV_FLIC_CLEAR_IRQS                    0x3
#define KVM_DEV_FLIC_APF_ENABLE                    0x4
#define KVM_DEV_FLIC_APF_DISABLE_WAIT              0x5
#define KVM_DEV_FLIC_ADAPTER_REGISTER              0x6
#define KVM_DEV_FLIC_ADAPTER_MODIFY                0x7
#define KVM_DEV_FLIC_CLEAR_IO_IRQ                  0x8
#define KVM_DEV_FLIC_AISM                          0x9
#define KVM_DEV_FLIC_AIRQ_INJECT                   0xa
#define KVM_DEV_FLIC_AISM_ALL                      0xb

/* Limits of the FLIC */
#define KVM_S390_MAX_FLOAT_IRQS                    0x4100a
#define KVM_S390_FLIC_MAX_BUFFER                   0x2000000

/* Flags of an adapter */
#define KVM_S390_ADAPTER_SUPPRESSIBLE              0x1

/* Changes of an adapter */
#define KVM_S390_IO_ADAPTER_MASK                   0x1
#define KVM_S390_IO_ADAPTER_MAP                    0x2
#define KVM_S390_IO_ADAPTER_UNMAP                  0x3

/* Types of routes */
#define KVM_IRQ_ROUTING_IRQCHIP                    0x1
#define KVM_IRQ_ROUTING_MSI                        0x2
#define KVM_IRQ_ROUTING_S390_ADAPTER               0x3

/* Flags of an irqfd */
#define KVM_IRQFD_FLAG_DEASSIGN                    0x1
#define KVM_IRQFD_FLAG_RESAMPLE                    0x2

/* Flags of an ioeventfd */
#define KVM_IOEVENTFD_FLAG_DATAMATCH               0x1
#define KVM_IOEVENTFD_FLAG_PIO                     0x2
#define KVM_IOEVENTFD_FLAG_DEASSIGN                0x4
#define KVM_IOEVENTFD_FLAG_VIRTIO_CCW_NOTIFY       0x8
#define KVM_IOEVENTFD_VALID_FLAG_MASK              0x1f

/* Attributes of a VM's CPU model */
#define KVM_S390_VM_CPU_PROCESSOR                  0x0ULL
#define KVM_S390_VM_CPU_MACHINE                    0x1ULL
#define KVM_S390_VM_CPU_PROCESSOR_FEAT             0x2ULL
#define KVM_S390_VM_CPU_MACHINE_FEAT               0x3ULL
#define KVM_S390_VM_CPU_PROCESSOR_SUBFUNC          0x4ULL
#define KVM_S390_VM_CPU_MACHINE_SUBFUNC            0x5ULL
#define KVM_S390_VM_CPU_PROCESSOR_UV_FEAT_GUEST    0x6ULL
#define KVM_S390_VM_CPU_MACHINE_UV_FEAT_GUEST      0x7ULL

/* Features of a CPU */
#define KVM_S390_VM_CPU_FEAT_NR_BITS               0x400
#define KVM_S390_VM_CPU_FEAT_ESOP                  0x0
#define KVM_S390_VM_CPU_FEAT_SIEF2                 0x1
#define KVM_S390_VM_CPU_FEAT_64BSCAO               0x2
#define KVM_S390_VM_CPU_FEAT_SIIF                  0x3
#define KVM_S390_VM_CPU_FEAT_GPERE                 0x4
#define KVM_S390_VM_CPU_FEAT_GSLS                  0x5
#define KVM_S390_VM_CPU_FEAT_IB                    0x6
#define KVM_S390_VM_CPU_FEAT_CEI                   0x7
#define KVM_S390_VM_CPU_FEAT_IBS                   0x8
#define KVM_S390_VM_CPU_FEAT_SKEY                  0x9
#define KVM_S390_VM_CPU_FEAT_CMMA                  0xa
#define KVM_S390_VM_CPU_FEAT_PFMFI                 0xb
#define KVM_S390_VM_CPU_FEAT_SIGPIF                0xc
#define KVM_S390_VM_CPU_FEAT_KSS                   0xd

/* Features of the ultravisor */
#define KVM_S390_VM_CPU_UV_FEAT_NR_BITS            0x40

struct kvm_s390_io_info {
	__u16 subchannel_id;
	__u16 subchannel_nr;
	__u32 io_int_parm;
	__u32 io_int_word;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_io_info) == 12, "size of kvm_s390_io_info");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_io_info) == 4, "alignment of kvm_s390_io_info");

struct kvm_s390_ext_info {
	__u32 ext_params;
	__u32 pad;
	__u64 ext_params2;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_ext_info) == 16, "size of kvm_s390_ext_info");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_ext_info) == 8, "alignment of kvm_s390_ext_info");

struct kvm_s390_pgm_info {
	__u64 trans_exc_code;
	__u64 mon_code;
	__u64 per_address;
	__u32 data_exc_code;
	__u16 code;
	__u16 mon_class_nr;
	__u8 per_code;
	__u8 per_atmid;
	__u8 exc_access_id;
	__u8 per_access_id;
	__u8 op_access_id;
	__u8 flags;
	__u8 pad[2];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_pgm_info) == 40, "size of kvm_s390_pgm_info");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_pgm_info) == 8, "alignment of kvm_s390_pgm_info");

struct kvm_s390_emerg_info {
	__u16 code;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_emerg_info) == 2, "size of kvm_s390_emerg_info");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_emerg_info) == 2, "alignment of kvm_s390_emerg_info");

struct kvm_s390_extcall_info {
	__u16 code;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_extcall_info) == 2, "size of kvm_s390_extcall_info");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_extcall_info) == 2, "alignment of kvm_s390_extcall_info");

struct kvm_s390_prefix_info {
	__u32 address;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_prefix_info) == 4, "size of kvm_s390_prefix_info");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_prefix_info) == 4, "alignment of kvm_s390_prefix_info");

struct kvm_s390_stop_info {
	__u32 flags;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_stop_info) == 4, "size of kvm_s390_stop_info");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_stop_info) == 4, "alignment of kvm_s390_stop_info");

struct kvm_s390_mchk_info {
	__u64 cr14;
	__u64 mcic;
	__u64 failing_storage_address;
	__u32 ext_damage_code;
	__u32 pad;
	__u8 fixed_logout[16];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_mchk_info) == 48, "size of kvm_s390_mchk_info");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_mchk_info) == 8, "alignment of kvm_s390_mchk_info");

struct kvm_s390_irq {
	__u64 type;
	union {
		struct kvm_s390_io_info io;
		struct kvm_s390_ext_info ext;
		struct kvm_s390_pgm_info pgm;
		struct kvm_s390_emerg_info emerg;
		struct kvm_s390_extcall_info extcall;
		struct kvm_s390_prefix_info prefix;
		struct kvm_s390_stop_info stop;
		struct kvm_s390_mchk_info mchk;
		char reserved[64];
	} u;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_irq) == 72, "size of kvm_s390_irq");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_irq) == 8, "alignment of kvm_s390_irq");

struct kvm_s390_irq_state {
	__u64 buf;
	__u32 flags;
	__u32 len;
	__u32 reserved[4];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_irq_state) == 32, "size of kvm_s390_irq_state");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_irq_state) == 8, "alignment of kvm_s390_irq_state");

struct kvm_s390_interrupt {
	__u32 type;
	__u32 parm;
	__u64 parm64;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_interrupt) == 16, "size of kvm_s390_interrupt");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_interrupt) == 8, "alignment of kvm_s390_interrupt");

struct kvm_s390_psw {
	__u64 mask;
	__u64 addr;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_psw) == 16, "size of kvm_s390_psw");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_psw) == 8, "alignment of kvm_s390_psw");

struct kvm_regs {
	__u64 gprs[16];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_regs) == 128, "size of kvm_regs");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_regs) == 8, "alignment of kvm_regs");

struct kvm_sregs {
	__u32 acrs[16];
	__u64 crs[16];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_sregs) == 192, "size of kvm_sregs");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_sregs) == 8, "alignment of kvm_sregs");

struct kvm_fpu {
	__u32 fpc;
	__u8 _pad[4];
	__u64 fprs[16];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_fpu) == 136, "size of kvm_fpu");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_fpu) == 8, "alignment of kvm_fpu");

struct kvm_one_reg {
	__u64 id;
	__u64 addr;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_one_reg) == 16, "size of kvm_one_reg");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_one_reg) == 8, "alignment of kvm_one_reg");

struct kvm_mp_state {
	__u32 mp_state;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_mp_state) == 4, "size of kvm_mp_state");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_mp_state) == 4, "alignment of kvm_mp_state");

struct kvm_debug_exit_arch {
	__u64 addr;
	__u8 type;
	__u8 pad[7];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_debug_exit_arch) == 16, "size of kvm_debug_exit_arch");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_debug_exit_arch) == 8, "alignment of kvm_debug_exit_arch");

struct kvm_hw_breakpoint {
	__u64 addr;
	__u64 phys_addr;
	__u64 len;
	__u8 type;
	__u8 pad[7];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_hw_breakpoint) == 32, "size of kvm_hw_breakpoint");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_hw_breakpoint) == 8, "alignment of kvm_hw_breakpoint");

struct kvm_guest_debug_arch {
	__u32 nr_hw_bp;
	__u32 pad;
	struct kvm_hw_breakpoint *hw_bp;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_guest_debug_arch) == 16, "size of kvm_guest_debug_arch");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_guest_debug_arch) == 8, "alignment of kvm_guest_debug_arch");

struct kvm_guest_debug {
	__u32 control;
	__u32 pad;
	struct kvm_guest_debug_arch arch;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_guest_debug) == 24, "size of kvm_guest_debug");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_guest_debug) == 8, "alignment of kvm_guest_debug");

struct kvm_sync_regs {
	__u64 prefix;
	__u64 gprs[16];
	__u32 acrs[16];
	__u64 crs[16];
	__u64 todpr;
	__u64 cputm;
	__u64 ckc;
	__u64 pp;
	__u64 gbea;
	__u64 pft;
	__u64 pfs;
	__u64 pfc;
	union {
		__u64 vrs[32][2];
		__u64 fprs[16];
	};
	__u8 reserved[512];
	__u32 fpc;
	__u8 bpbc : 1;
	__u8 reserved2 : 7;
	__u8 padding1[51];
	__u8 riccb[64];
	__u64 diag318;
	__u8 padding2[184];
	union {
		struct {
			__u64 reserved1[2];
			__u64 gscb[4];
			__u64 etoken;
			__u64 etoken_extension;
			__u8 _rest[192];
		};
		__u8 sdnx[256];
	};
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_sync_regs) == 1984, "size of kvm_sync_regs");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_sync_regs) == 8, "alignment of kvm_sync_regs");

struct kvm_run_fail_entry {
	__u64 hardware_entry_failure_reason;
	__u32 cpu;
	__u8 _pad[4];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_run_fail_entry) == 16, "size of kvm_run_fail_entry");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_run_fail_entry) == 8, "alignment of kvm_run_fail_entry");

struct kvm_run_debug {
	struct kvm_debug_exit_arch arch;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_run_debug) == 16, "size of kvm_run_debug");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_run_debug) == 8, "alignment of kvm_run_debug");

struct kvm_run_s390_sieic {
	__u8 icptcode;
	__u8 _pad[1];
	__u16 ipa;
	__u32 ipb;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_run_s390_sieic) == 8, "size of kvm_run_s390_sieic");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_run_s390_sieic) == 4, "alignment of kvm_run_s390_sieic");

struct kvm_run_s390_ucontrol {
	__u64 trans_exc_code;
	__u32 pgm_code;
	__u8 _pad[4];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_run_s390_ucontrol) == 16, "size of kvm_run_s390_ucontrol");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_run_s390_ucontrol) == 8, "alignment of kvm_run_s390_ucontrol");

struct kvm_run_internal {
	__u32 suberror;
	__u32 ndata;
	__u64 data[16];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_run_internal) == 136, "size of kvm_run_internal");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_run_internal) == 8, "alignment of kvm_run_internal");

struct kvm_run_s390_tsch {
	__u16 subchannel_id;
	__u16 subchannel_nr;
	__u32 io_int_parm;
	__u32 io_int_word;
	__u32 ipb;
	__u8 dequeued;
	__u8 _pad[3];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_run_s390_tsch) == 20, "size of kvm_run_s390_tsch");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_run_s390_tsch) == 4, "alignment of kvm_run_s390_tsch");

struct kvm_run_s390_stsi {
	__u64 addr;
	__u8 ar;
	__u8 reserved;
	__u8 fc;
	__u8 sel1;
	__u16 sel2;
	__u8 _pad[2];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_run_s390_stsi) == 16, "size of kvm_run_s390_stsi");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_run_s390_stsi) == 8, "alignment of kvm_run_s390_stsi");

struct kvm_run_system_event {
	__u32 type;
	__u32 ndata;
	union {
		__u64 data[16];
		__u64 flags;
	};
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_run_system_event) == 136, "size of kvm_run_system_event");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_run_system_event) == 8, "alignment of kvm_run_system_event");

struct kvm_run_memory_fault {
	__u64 flags;
	__u64 gpa;
	__u64 size;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_run_memory_fault) == 24, "size of kvm_run_memory_fault");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_run_memory_fault) == 8, "alignment of kvm_run_memory_fault");

struct kvm_run_s {
	union {
		struct {
			struct kvm_sync_regs regs;
			__u8 _rest[64];
		};
		char padding[2048];
	};
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_run_s) == 2048, "size of kvm_run_s");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_run_s) == 8, "alignment of kvm_run_s");

struct kvm_run {
	__u8 request_interrupt_window;
	__u8 immediate_exit;
	__u8 padding1[6];
	__u32 exit_reason;
	__u8 ready_for_interrupt_injection;
	__u8 if_flag;
	__u16 flags;
	__u64 cr8;
	__u64 apic_base;
	__u64 psw_mask;
	__u64 psw_addr;
	union {
		char padding[256];
		struct kvm_run_fail_entry fail_entry;
		struct kvm_run_debug debug;
		struct kvm_run_s390_sieic s390_sieic;
		__u64 s390_reset_flags;
		struct kvm_run_s390_ucontrol s390_ucontrol;
		struct kvm_run_internal internal;
		struct kvm_run_s390_tsch s390_tsch;
		struct kvm_run_system_event system_event;
		struct kvm_run_s390_stsi s390_stsi;
		struct kvm_run_memory_fault memory_fault;
	};
	__u64 kvm_valid_regs;
	__u64 kvm_dirty_regs;
	struct kvm_run_s s;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_run) == 2368, "size of kvm_run");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_run) == 8, "alignment of kvm_run");

struct kvm_userspace_memory_region {
	__u32 slot;
	__u32 flags;
	__u64 guest_phys_addr;
	__u64 memory_size;
	__u64 userspace_addr;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_userspace_memory_region) == 32, "size of kvm_userspace_memory_region");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_userspace_memory_region) == 8, "alignment of kvm_userspace_memory_region");

struct kvm_userspace_memory_region2 {
	__u32 slot;
	__u32 flags;
	__u64 guest_phys_addr;
	__u64 memory_size;
	__u64 userspace_addr;
	__u64 guest_memfd_offset;
	__u32 guest_memfd;
	__u32 pad1;
	__u64 pad2[14];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_userspace_memory_region2) == 160, "size of kvm_userspace_memory_region2");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_userspace_memory_region2) == 8, "alignment of kvm_userspace_memory_region2");

struct kvm_dirty_log {
	__u32 slot;
	__u32 padding1;
	union {
		void *dirty_bitmap;
		__u64 padding2;
	};
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_dirty_log) == 16, "size of kvm_dirty_log");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_dirty_log) == 8, "alignment of kvm_dirty_log");

struct kvm_clear_dirty_log {
	__u32 slot;
	__u32 num_pages;
	__u64 first_page;
	union {
		void *dirty_bitmap;
		__u64 padding2;
	};
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_clear_dirty_log) == 24, "size of kvm_clear_dirty_log");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_clear_dirty_log) == 8, "alignment of kvm_clear_dirty_log");

struct kvm_s390_mem_op {
	__u64 gaddr;
	__u64 flags;
	__u32 size;
	__u32 op;
	__u64 buf;
	union {
		struct {
			__u8 ar;
			__u8 key;
			__u8 pad1[6];
			__u64 old_addr;
			__u8 _rest[16];
		};
		__u32 sida_offset;
		__u8 reserved[32];
	};
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_mem_op) == 64, "size of kvm_s390_mem_op");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_mem_op) == 8, "alignment of kvm_s390_mem_op");

struct kvm_s390_skeys {
	__u64 start_gfn;
	__u64 count;
	__u64 skeydata_addr;
	__u32 flags;
	__u32 reserved[9];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_skeys) == 64, "size of kvm_s390_skeys");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_skeys) == 8, "alignment of kvm_s390_skeys");

struct kvm_s390_cmma_log {
	__u64 start_gfn;
	__u32 count;
	__u32 flags;
	union {
		__u64 remaining;
		__u64 mask;
	};
	__u64 values;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_cmma_log) == 32, "size of kvm_s390_cmma_log");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_cmma_log) == 8, "alignment of kvm_s390_cmma_log");

struct kvm_memory_attributes {
	__u64 address;
	__u64 size;
	__u64 attributes;
	__u64 flags;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_memory_attributes) == 32, "size of kvm_memory_attributes");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_memory_attributes) == 8, "alignment of kvm_memory_attributes");

struct kvm_create_guest_memfd {
	__u64 size;
	__u64 flags;
	__u64 reserved[6];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_create_guest_memfd) == 64, "size of kvm_create_guest_memfd");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_create_guest_memfd) == 8, "alignment of kvm_create_guest_memfd");

struct kvm_pre_fault_memory {
	__u64 gpa;
	__u64 size;
	__u64 flags;
	__u64 padding[5];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_pre_fault_memory) == 64, "size of kvm_pre_fault_memory");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_pre_fault_memory) == 8, "alignment of kvm_pre_fault_memory");

struct kvm_enable_cap {
	__u32 cap;
	__u32 flags;
	__u64 args[4];
	__u8 pad[64];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_enable_cap) == 104, "size of kvm_enable_cap");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_enable_cap) == 8, "alignment of kvm_enable_cap");

struct kvm_signal_mask {
	__u32 len;
	__u8 sigset[];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_signal_mask) == 4, "size of kvm_signal_mask");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_signal_mask) == 4, "alignment of kvm_signal_mask");

struct kvm_reg_list {
	__u64 n;
	__u64 reg[];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_reg_list) == 8, "size of kvm_reg_list");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_reg_list) == 8, "alignment of kvm_reg_list");

struct kvm_translation {
	__u64 linear_address;
	__u64 physical_address;
	__u8 valid;
	__u8 writeable;
	__u8 usermode;
	__u8 pad[5];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_translation) == 24, "size of kvm_translation");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_translation) == 8, "alignment of kvm_translation");

struct kvm_dirty_gfn {
	__u32 flags;
	__u32 slot;
	__u64 offset;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_dirty_gfn) == 16, "size of kvm_dirty_gfn");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_dirty_gfn) == 8, "alignment of kvm_dirty_gfn");

struct kvm_stats_header {
	__u32 flags;
	__u32 name_size;
	__u32 num_desc;
	__u32 id_offset;
	__u32 desc_offset;
	__u32 data_offset;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_stats_header) == 24, "size of kvm_stats_header");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_stats_header) == 4, "alignment of kvm_stats_header");

struct kvm_create_device {
	__u32 type;
	__u32 fd;
	__u32 flags;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_create_device) == 12, "size of kvm_create_device");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_create_device) == 4, "alignment of kvm_create_device");

struct kvm_device_attr {
	__u32 flags;
	__u32 group;
	__u64 attr;
	__u64 addr;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_device_attr) == 24, "size of kvm_device_attr");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_device_attr) == 8, "alignment of kvm_device_attr");

struct kvm_s390_vm_tod_clock {
	__u8 epoch_idx;
	__u8 _pad[7];
	__u64 tod;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_vm_tod_clock) == 16, "size of kvm_s390_vm_tod_clock");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_vm_tod_clock) == 8, "alignment of kvm_s390_vm_tod_clock");

struct kvm_s390_io_adapter {
	__u32 id;
	__u8 isc;
	__u8 maskable;
	__u8 swap;
	__u8 flags;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_io_adapter) == 8, "size of kvm_s390_io_adapter");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_io_adapter) == 4, "alignment of kvm_s390_io_adapter");

struct kvm_s390_io_adapter_req {
	__u32 id;
	__u8 type;
	__u8 mask;
	__u16 pad0;
	__u64 addr;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_io_adapter_req) == 16, "size of kvm_s390_io_adapter_req");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_io_adapter_req) == 8, "alignment of kvm_s390_io_adapter_req");

struct kvm_s390_ais_req {
	__u8 isc;
	__u8 _pad[1];
	__u16 mode;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_ais_req) == 4, "size of kvm_s390_ais_req");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_ais_req) == 2, "alignment of kvm_s390_ais_req");

struct kvm_s390_ais_all {
	__u8 simm;
	__u8 nimm;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_ais_all) == 2, "size of kvm_s390_ais_all");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_ais_all) == 1, "alignment of kvm_s390_ais_all");

struct kvm_irq_routing_s390_adapter {
	__u64 ind_addr;
	__u64 summary_addr;
	__u64 ind_offset;
	__u32 summary_offset;
	__u32 adapter_id;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_irq_routing_s390_adapter) == 32, "size of kvm_irq_routing_s390_adapter");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_irq_routing_s390_adapter) == 8, "alignment of kvm_irq_routing_s390_adapter");

struct kvm_irq_routing_entry {
	__u32 gsi;
	__u32 type;
	__u32 flags;
	__u32 pad;
	union {
		struct kvm_irq_routing_s390_adapter adapter;
		__u32 pad[8];
	} u;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_irq_routing_entry) == 48, "size of kvm_irq_routing_entry");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_irq_routing_entry) == 8, "alignment of kvm_irq_routing_entry");

struct kvm_irq_routing {
	__u32 nr;
	__u32 flags;
	struct kvm_irq_routing_entry entries[];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_irq_routing) == 8, "size of kvm_irq_routing");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_irq_routing) == 8, "alignment of kvm_irq_routing");

struct kvm_irqfd {
	__u32 fd;
	__u32 gsi;
	__u32 flags;
	__u32 resamplefd;
	__u8 pad[16];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_irqfd) == 32, "size of kvm_irqfd");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_irqfd) == 4, "alignment of kvm_irqfd");

struct kvm_ioeventfd {
	__u64 datamatch;
	__u64 addr;
	__u32 len;
	__s32 fd;
	__u32 flags;
	__u8 pad[36];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_ioeventfd) == 64, "size of kvm_ioeventfd");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_ioeventfd) == 8, "alignment of kvm_ioeventfd");

struct kvm_irq_level {
	union {
		__u32 irq;
		__s32 status;
	};
	__u32 level;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_irq_level) == 8, "size of kvm_irq_level");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_irq_level) == 4, "alignment of kvm_irq_level");

struct kvm_msi {
	__u32 address_lo;
	__u32 address_hi;
	__u32 data;
	__u32 flags;
	__u32 devid;
	__u8 pad[12];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_msi) == 32, "size of kvm_msi");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_msi) == 4, "alignment of kvm_msi");

struct kvm_coalesced_mmio_zone {
	__u64 addr;
	__u32 size;
	union {
		__u32 pio;
		__u32 pad;
	};
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_coalesced_mmio_zone) == 16, "size of kvm_coalesced_mmio_zone");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_coalesced_mmio_zone) == 8, "alignment of kvm_coalesced_mmio_zone");

struct kvm_s390_vm_cpu_processor {
	__u64 cpuid;
	__u16 ibc;
	__u8 pad[6];
	__u64 fac_list[256];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_vm_cpu_processor) == 2064, "size of kvm_s390_vm_cpu_processor");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_vm_cpu_processor) == 8, "alignment of kvm_s390_vm_cpu_processor");

struct kvm_s390_vm_cpu_machine {
	__u64 cpuid;
	__u32 ibc;
	__u8 pad[4];
	__u64 fac_mask[256];
	__u64 fac_list[256];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_vm_cpu_machine) == 4112, "size of kvm_s390_vm_cpu_machine");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_vm_cpu_machine) == 8, "alignment of kvm_s390_vm_cpu_machine");

struct kvm_s390_vm_cpu_feat {
	__u64 feat[16];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_vm_cpu_feat) == 128, "size of kvm_s390_vm_cpu_feat");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_vm_cpu_feat) == 8, "alignment of kvm_s390_vm_cpu_feat");

struct kvm_s390_vm_cpu_uv_feat {
	__u64 feat;
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_vm_cpu_uv_feat) == 8, "size of kvm_s390_vm_cpu_uv_feat");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_vm_cpu_uv_feat) == 8, "alignment of kvm_s390_vm_cpu_uv_feat");

struct kvm_s390_vm_cpu_subfunc {
	__u8 plo[32];
	__u8 ptff[16];
	__u8 kmac[16];
	__u8 kmc[16];
	__u8 km[16];
	__u8 kimd[16];
	__u8 klmd[16];
	__u8 pckmo[16];
	__u8 kmctr[16];
	__u8 kmf[16];
	__u8 kmo[16];
	__u8 pcc[16];
	__u8 ppno[16];
	__u8 kma[16];
	__u8 kdsa[16];
	__u8 sortl[32];
	__u8 dfltcc[32];
	__u8 reserved[1728];
};
LOWCORE_KVM_ASSERT(sizeof(struct kvm_s390_vm_cpu_subfunc) == 2048, "size of kvm_s390_vm_cpu_subfunc");
LOWCORE_KVM_ASSERT(LOWCORE_KVM_ALIGNOF(struct kvm_s390_vm_cpu_subfunc) == 1, "alignment of kvm_s390_vm_cpu_subfunc");

/* The type of an I/O interrupt. */
#define KVM_S390_INT_IO(ai, cssid, ssid, schid) \
	((schid) | ((ssid) << 16) | ((cssid) << 18) | ((ai) << 26))

#endif /* LOWCORE_KVM_H */
