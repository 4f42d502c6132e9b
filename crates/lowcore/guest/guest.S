# The demonstration's guest: it takes every interruption and writes down what
# it saw.
#
# Every CPU runs this code in real mode with its own prefix area and its own
# control block. The host tells the main loop through the control block
# whether to spin, to wait or to do something that interrupts by itself. Each
# handler appends a record to its CPU's log, fills the low core's parameter
# fields with a pattern, so that the next record shows which of them were
# stored, and returns.
#
# Only instructions of the first z/Architecture machines are used.

.include "layout.inc"

# ---------------------------------------------------------------------------
# The header tells the host, and tests, where things are.
.section .header, "a"
        .ascii  "LOWCORE1"
        .quad   start
        .quad   main                    # a spinning CPU is in main..main_end
        .quad   main_end
        .quad   wait_resume             # the addresses in old PSWs after ...
        .quad   svc_resume
        .quad   operation_resume
        .quad   diagnose_resume
        .quad   restart_handler
        .quad   external_handler
        .quad   svc_handler
        .quad   program_handler
        .quad   machine_handler
        .quad   io_handler
        .quad   record                  # the end of io_handler
        .quad   record_end

# ---------------------------------------------------------------------------
# Start of each CPU. In: r2 = control block, in 64-bit mode, disabled.
.section .text, "ax"
        .globl  start
start:
        lgr     %r12,%r2
        larl    %r13,constants
        lg      %r3,CB_PREFIX_A(%r12)
        bras    %r14,prepare
        lg      %r3,CB_PREFIX_B(%r12)
        bras    %r14,prepare
        spx     CB_PREFIX_A+4(%r12)
        lctlg   %c0,%c0,CB_CR0(%r12)
        lctlg   %c6,%c6,CB_CR6(%r12)
        lctlg   %c14,%c14,CB_CR14(%r12)
        sckc    all_ones-constants(%r13)
        spt     far-constants(%r13)
        j       main_enter

# Makes one 8 KiB prefix area ready. In: r3 = area, r12, r13.
prepare:
        larl    %r7,pattern
        mvc     LC_PARAMETERS(LC_PARAMETERS_SIZE,%r3),0(%r7)
        mvc     LC_BREAKING_EVENT(8,%r3),0(%r7)
        mvc     LC_OLD_PSWS(96,%r3),0(%r7)
        larl    %r8,new_psws
        mvc     LC_NEW_PSWS(LC_NEW_PSWS_SIZE,%r3),0(%r8)
        stg     %r12,LC_CONTROL(%r3)
        lghi    %r6,0x1000
        la      %r6,0(%r6,%r3)
        mvc     LC2_PARAMETER_2(8,%r6),0(%r7)
        mvc     LC2_SAVE_AREAS(128,%r6),0(%r7)
        mvc     LC2_SAVE_AREAS+128(128,%r6),0(%r7)
        mvc     LC2_SAVE_AREAS+256(128,%r6),0(%r7)
        mvc     LC2_SAVE_AREAS+384(128,%r6),0(%r7)
        br      %r14

# ---------------------------------------------------------------------------
# The main loop works with r1, r2, r12 and r13. The other registers are
# witnesses that handlers restore them, as is the PSW.
main:
        lg      %r12,LC_CONTROL
        larl    %r13,constants
        stmg    %r3,%r11,CB_WITNESSES(%r12)
        stmg    %r14,%r0,CB_WITNESSES+9*8(%r12)
        clc     CB_WITNESSES(12*8,%r12),witnesses-constants(%r13)
        jne     main_fault
        epsw    %r1,%r2
        n       %r1,no_condition_code-constants(%r13)
        c       %r1,CB_MASK(%r12)
        jne     main_fault
        c       %r2,basic_addressing-constants(%r13)
        jne     main_fault
        l       %r1,CB_COMMAND(%r12)
        c       %r1,CB_ACK(%r12)
        jne     main_command
        lg      %r2,CB_SPINS(%r12)
        la      %r2,1(%r2)
        stg     %r2,CB_SPINS(%r12)
        j       main
main_fault:
        lhi     %r2,1
        st      %r2,CB_FAULTS(%r12)
main_enter:
        l       %r2,spin_psw-constants(%r13)
        st      %r2,CB_MASK(%r12)
        lmg     %r3,%r11,witnesses-constants(%r13)
        lmg     %r14,%r0,witnesses-constants+9*8(%r13)
        lpswe   spin_psw-constants(%r13)
main_end:

main_command:
        lghi    %r2,0xff
        nr      %r2,%r1
        chi     %r2,CMD_SPIN
        je      command_spin
        chi     %r2,CMD_WAIT
        je      command_wait
        chi     %r2,CMD_MASKED
        je      command_masked
        chi     %r2,CMD_SVC
        je      command_svc
        chi     %r2,CMD_OPERATION
        je      command_operation
        chi     %r2,CMD_DIAGNOSE
        je      command_diagnose
        chi     %r2,CMD_COMPARATOR
        je      command_comparator
        chi     %r2,CMD_TIMER
        je      command_timer
        chi     %r2,CMD_SIGP
        je      command_sigp
        j       main

command_spin:
        l       %r2,spin_psw-constants(%r13)
        st      %r2,CB_MASK(%r12)
        st      %r1,CB_ACK(%r12)
        lpswe   spin_psw-constants(%r13)

command_wait:
        st      %r1,CB_ACK(%r12)
        lpswe   wait_psw-constants(%r13)
wait_resume:
        j       main

command_masked:
        l       %r2,masked_psw-constants(%r13)
        st      %r2,CB_MASK(%r12)
        st      %r1,CB_ACK(%r12)
        lpswe   masked_psw-constants(%r13)

# The result shows that the handler came back here with all registers.
command_svc:
        lg      %r2,CB_OPERAND(%r12)
        st      %r1,CB_ACK(%r12)
        svc     42
svc_resume:
        stg     %r2,CB_RESULT(%r12)
        j       main

command_operation:
        st      %r1,CB_ACK(%r12)
        .short  0x0000                  # no instruction has this code
operation_resume:
        j       main

command_diagnose:
        st      %r1,CB_ACK(%r12)
        diag    %r0,%r0,0x501
diagnose_resume:
        j       main

command_comparator:
        stck    CB_RESULT(%r12)
        lg      %r2,CB_RESULT(%r12)
        ag      %r2,CB_OPERAND(%r12)
        stg     %r2,CB_RESULT(%r12)
        sckc    CB_RESULT(%r12)
        st      %r1,CB_ACK(%r12)
        j       main

command_timer:
        spt     CB_OPERAND(%r12)
        st      %r1,CB_ACK(%r12)
        j       main

command_sigp:
        l       %r3,CB_OPERAND(%r12)
        l       %r5,CB_OPERAND+4(%r12)
        sigp    %r6,%r3,0(%r5)
        jo      sigp_done               # 3: not operational
        jh      command_sigp            # 2: busy
        lghi    %r2,0
        je      sigp_store              # 0: accepted
sigp_done:
        lghi    %r2,1
sigp_store:
        stg     %r2,CB_RESULT(%r12)
        lmg     %r3,%r6,witnesses-constants(%r13)
        st      %r1,CB_ACK(%r12)
        j       main

# ---------------------------------------------------------------------------
# The handlers. Each saves the registers in the prefix area, by real address
# and so without a base register; tells `record` its class and its old PSW;
# and returns to where the CPU was, though no longer waiting.
.macro  enter   class, save, old
        stmg    %r0,%r15,\save
        mvc     \save+SAVE_PSW(16),\old
        lghi    %r4,\class
        la      %r5,\old
        lghi    %r8,0
.endm

.macro  leave   save
        lg      %r1,\save+SAVE_PSW
        ng      %r1,not_wait-constants(%r13)
        stg     %r1,\save+SAVE_PSW
        lmg     %r0,%r15,\save
        lpswe   \save+SAVE_PSW
.endm

restart_handler:
        enter   CLASS_RESTART,LC_SAVE_RESTART,LC_RESTART_OLD
        bras    %r14,record
        leave   LC_SAVE_RESTART

# A timer's condition stays true after its interruption: disarm it.
external_handler:
        enter   CLASS_EXTERNAL,LC_SAVE_EXTERNAL,LC_EXTERNAL_OLD
        lh      %r9,LC_EXTERNAL_CODE
        bras    %r14,record
        chi     %r9,0x1004
        jne     1f
        sckc    all_ones-constants(%r13)
1:      chi     %r9,0x1005
        jne     2f
        spt     far-constants(%r13)
2:      leave   LC_SAVE_EXTERNAL

svc_handler:
        enter   CLASS_SVC,LC_SAVE_SVC,LC_SVC_OLD
        bras    %r14,record
        leave   LC_SAVE_SVC

# A program interruption that the host invents may leave an old PSW in the
# middle of an instruction of the main loop: begin the loop again. A handler
# that was interrupted, which is disabled, goes on.
program_handler:
        enter   CLASS_PROGRAM,LC_SAVE_PROGRAM,LC_PROGRAM_OLD
        bras    %r14,record
        lg      %r1,LC_SAVE_PROGRAM+SAVE_PSW
        ng      %r1,external-constants(%r13)
        je      1f
        mvc     LC_SAVE_PROGRAM+SAVE_PSW(16),spin_psw-constants(%r13)
1:      leave   LC_SAVE_PROGRAM

# The machine has also stored the registers: compare them with our own.
machine_handler:
        enter   CLASS_MACHINE,LC_SAVE_MACHINE,LC_MACHINE_OLD
        lghi    %r6,0x1000
        clc     LC_SAVE_MACHINE(128),LC2_GPR_SAVE(%r6)
        jne     1f
        la      %r8,CHECK_GPRS(%r8)
1:      stctg   %c0,%c15,LC_CR_SCRATCH
        clc     LC_CR_SCRATCH(128),LC2_CR_SAVE(%r6)
        jne     2f
        la      %r8,CHECK_CRS(%r8)
2:      bras    %r14,record
        leave   LC_SAVE_MACHINE

io_handler:
        enter   CLASS_IO,LC_SAVE_IO,LC_IO_OLD
        bras    %r14,record
        leave   LC_SAVE_IO

# Appends a record. In: r4 = class, r5 = real address of the old PSW, r8 =
# checks, r14 = return. Out: r12, r13; r9 is kept. A handler may be
# interrupted by a restart or a program interruption, so the record is taken
# with COMPARE AND SWAP; its sequence number is stored last and makes it
# visible to the host. The pattern waits for the outermost handler: one that
# was interrupted, and so is disabled, has not read its parameters yet.
record:
        lg      %r12,LC_CONTROL
        larl    %r13,constants
        l       %r1,CB_NEXT(%r12)
1:      la      %r2,1(%r1)
        cs      %r1,%r2,CB_NEXT(%r12)
        jne     1b
        lghi    %r3,LOG_INDEX_MASK
        ngr     %r3,%r1
        sllg    %r3,%r3,REC_SIZE_SHIFT
        ag      %r3,CB_LOG(%r12)
        lghi    %r6,0x1000
        st      %r4,REC_CLASS(%r3)
        sth     %r8,REC_CHECKS(%r3)
        mvc     REC_OLD_PSW(16,%r3),0(%r5)
        mvc     REC_PARAMETERS(LC_PARAMETERS_SIZE,%r3),LC_PARAMETERS
        mvc     REC_BREAKING_EVENT(8,%r3),LC_BREAKING_EVENT
        mvc     REC_PARAMETER_2(8,%r3),LC2_PARAMETER_2(%r6)
        mvc     REC_LOGOUT(16,%r3),LC2_LOGOUT(%r6)
        stpx    REC_PREFIX(%r3)
        stap    REC_CPU(%r3)
        stck    REC_TOD(%r3)
        stckc   REC_COMPARATOR(%r3)
        stpt    REC_TIMER(%r3)
        stctg   %c0,%c0,REC_CR0(%r3)
        stctg   %c14,%c14,REC_CR14(%r3)
        larl    %r7,pattern
        lg      %r0,0(%r5)
        mvc     0(16,%r5),0(%r7)
        ng      %r0,external-constants(%r13)
        je      2f
        mvc     LC_PARAMETERS(LC_PARAMETERS_SIZE),0(%r7)
        mvc     LC_BREAKING_EVENT(8),0(%r7)
        mvc     LC2_PARAMETER_2(8,%r6),0(%r7)
        mvc     LC2_LOGOUT(16,%r6),0(%r7)
2:      st      %r2,REC_SEQUENCE(%r3)
        br      %r14
record_end:

# ---------------------------------------------------------------------------
.section .rodata, "a"
        .balign 16
constants:
# 64-bit mode; I/O, external and machine-check interruptions enabled or not.
spin_psw:
        .quad   0x0304000180000000, main
wait_psw:
        .quad   0x0306000180000000, wait_resume
masked_psw:
        .quad   0x0000000180000000, main
new_psws:
        .quad   0x0000000180000000, restart_handler
        .quad   0x0000000180000000, external_handler
        .quad   0x0000000180000000, svc_handler
        .quad   0x0000000180000000, program_handler
        .quad   0x0000000180000000, machine_handler
        .quad   0x0000000180000000, io_handler
not_wait:
        .quad   0xfffdffffffffffff
external:
        .quad   0x0100000000000000
all_ones:
        .quad   0xffffffffffffffff
far:
        .quad   0x7fffffffffffffff
# r3 to r11, then r14, r15 and r0.
witnesses:
        .quad   0x3333333333333333, 0x4444444444444444, 0x5555555555555555
        .quad   0x6666666666666666, 0x7777777777777777, 0x8888888888888888
        .quad   0x9999999999999999, 0xaaaaaaaaaaaaaaaa, 0xbbbbbbbbbbbbbbbb
        .quad   0xe1e1e1e1e1e1e1e1, 0xf1f1f1f1f1f1f1f1, 0x0101010101010101
no_condition_code:
        .long   0xffffcfff
basic_addressing:
        .long   0x80000000
# What a field holds that nobody has stored since the last record.
pattern:
        .fill   128, 1, 0xee
