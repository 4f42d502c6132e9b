//! The shared object that serves /dev/kvm to other programs.
