//! The s390 KVM contract: system, VM, vcpu and FLIC over guest CPUs.
