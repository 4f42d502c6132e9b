//! The CPU model of a VM: attributes of the group `KVM_S390_VM_CPU_MODEL`.

layouts! {
    /// The model that the guest sees.
    kvm_s390_vm_cpu_processor [2064, 8] {
        /// CPU id.
        0 cpuid: u64,
        /// Instruction-blocking control.
        8 ibc: u16,
        /// Not used.
        10 pad: [u8; 6],
        /// Facility list, bit 0 leftmost.
        16 fac_list: [u64; 256],
    }

    /// What is possible at most.
    kvm_s390_vm_cpu_machine [4112, 8] {
        /// CPU id.
        0 cpuid: u64,
        /// Range of instruction-blocking controls.
        8 ibc: u32,
        /// Not used.
        12 pad: [u8; 4],
        /// Facilities that a guest may have.
        16 fac_mask: [u64; 256],
        /// Facilities of the machine.
        2064 fac_list: [u64; 256],
    }

    /// Features, bit 0 leftmost: `KVM_S390_VM_CPU_FEAT_*`.
    kvm_s390_vm_cpu_feat [128, 8] {
        /// The bits.
        0 feat: [u64; 16],
    }

    /// Features of the ultravisor, bit 0 leftmost.
    kvm_s390_vm_cpu_uv_feat [8, 8] {
        /// The bits.
        0 feat: u64,
    }

    /// What each instruction's query function answers.
    kvm_s390_vm_cpu_subfunc [2048, 1] {
        /// PLO: bit n is function code n.
        0 plo: [u8; 32],
        /// PTFF.
        32 ptff: [u8; 16],
        /// KMAC.
        48 kmac: [u8; 16],
        /// KMC.
        64 kmc: [u8; 16],
        /// KM.
        80 km: [u8; 16],
        /// KIMD.
        96 kimd: [u8; 16],
        /// KLMD.
        112 klmd: [u8; 16],
        /// PCKMO.
        128 pckmo: [u8; 16],
        /// KMCTR.
        144 kmctr: [u8; 16],
        /// KMF.
        160 kmf: [u8; 16],
        /// KMO.
        176 kmo: [u8; 16],
        /// PCC.
        192 pcc: [u8; 16],
        /// PRNO.
        208 ppno: [u8; 16],
        /// KMA.
        224 kma: [u8; 16],
        /// KDSA.
        240 kdsa: [u8; 16],
        /// SORTL.
        256 sortl: [u8; 32],
        /// DFLTCC.
        288 dfltcc: [u8; 32],
        /// Not used.
        320 reserved: [u8; 1728],
    }
}

constants! {
    /// Attributes.
    static CPU_MODEL_ATTRIBUTES: u64, "attributes of a VM's CPU model" {
        /// A [`kvm_s390_vm_cpu_processor`].
        KVM_S390_VM_CPU_PROCESSOR = 0;
        /// A [`kvm_s390_vm_cpu_machine`].
        KVM_S390_VM_CPU_MACHINE = 1;
        /// The guest's [`kvm_s390_vm_cpu_feat`].
        KVM_S390_VM_CPU_PROCESSOR_FEAT = 2;
        /// The machine's [`kvm_s390_vm_cpu_feat`].
        KVM_S390_VM_CPU_MACHINE_FEAT = 3;
        /// The guest's [`kvm_s390_vm_cpu_subfunc`].
        KVM_S390_VM_CPU_PROCESSOR_SUBFUNC = 4;
        /// The machine's [`kvm_s390_vm_cpu_subfunc`].
        KVM_S390_VM_CPU_MACHINE_SUBFUNC = 5;
        /// The guest's [`kvm_s390_vm_cpu_uv_feat`].
        KVM_S390_VM_CPU_PROCESSOR_UV_FEAT_GUEST = 6;
        /// The machine's [`kvm_s390_vm_cpu_uv_feat`].
        KVM_S390_VM_CPU_MACHINE_UV_FEAT_GUEST = 7;
    }

    /// Bit numbers of features.
    static CPU_FEATURES: u32, "features of a CPU" {
        /// Number of bits.
        KVM_S390_VM_CPU_FEAT_NR_BITS = 1024;
        /// Enhanced suppression on protection.
        KVM_S390_VM_CPU_FEAT_ESOP = 0;
        /// Interpretive execution, format 2.
        KVM_S390_VM_CPU_FEAT_SIEF2 = 1;
        /// System-control area anywhere in storage.
        KVM_S390_VM_CPU_FEAT_64BSCAO = 2;
        /// Interpretation of interruptions.
        KVM_S390_VM_CPU_FEAT_SIIF = 3;
        /// Guest PER enhancement.
        KVM_S390_VM_CPU_FEAT_GPERE = 4;
        /// Guest storage-limit suppression.
        KVM_S390_VM_CPU_FEAT_GSLS = 5;
        /// Intervention bypass.
        KVM_S390_VM_CPU_FEAT_IB = 6;
        /// Conditional-external-interception.
        KVM_S390_VM_CPU_FEAT_CEI = 7;
        /// Inter-processor signalling.
        KVM_S390_VM_CPU_FEAT_IBS = 8;
        /// Storage keys of the guest.
        KVM_S390_VM_CPU_FEAT_SKEY = 9;
        /// Collaborative memory management assist.
        KVM_S390_VM_CPU_FEAT_CMMA = 10;
        /// Interpretation of PFMF.
        KVM_S390_VM_CPU_FEAT_PFMFI = 11;
        /// Interpretation of SIGP.
        KVM_S390_VM_CPU_FEAT_SIGPIF = 12;
        /// Keyless subset.
        KVM_S390_VM_CPU_FEAT_KSS = 13;
    }

    /// About the features of the ultravisor.
    static CPU_UV_FEATURES: u32, "features of the ultravisor" {
        /// Number of bits.
        KVM_S390_VM_CPU_UV_FEAT_NR_BITS = 64;
    }
}
