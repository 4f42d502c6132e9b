/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The few z/Architecture instructions that the clients' guests need, as
 * halfwords for CODE(). Branch distances count halfwords from the branch.
 */
#ifndef CODE_H
#define CODE_H

#define LOW16(value) ((uint16_t)(value))
/* Formats: register and storage, long displacement; supervisor; immediate. */
#define RX_(op, r, x, b, d) LOW16((op) << 8 | (r) << 4 | (x)), LOW16((b) << 12 | (d))
#define RXY_(op, r, b, d)                                   \
	LOW16(((op) & 0xff00) | (r) << 4), LOW16((b) << 12 | ((d) & 0xfff)), \
		LOW16(((d) >> 12 & 0xff) << 8 | ((op) & 0xff))
#define RSY_(op, r1, r3, b, d)                              \
	LOW16(((op) & 0xff00) | (r1) << 4 | (r3)), LOW16((b) << 12 | ((d) & 0xfff)), \
		LOW16(((d) >> 12 & 0xff) << 8 | ((op) & 0xff))
#define S_(op, b, d) (op), LOW16((b) << 12 | (d))
#define RI_(op, r, i) LOW16(0xa700 | (r) << 4 | (op)), LOW16(i)
#define RRE_(op, r1, r2) (op), LOW16((r1) << 4 | (r2))

#define LGHI(r, i) RI_(9, r, i)
#define AGHI(r, i) RI_(11, r, i)
#define CGHI(r, i) RI_(15, r, i)
#define BRC(m, halfwords) RI_(4, m, halfwords)
#define J(halfwords) BRC(15, halfwords)
#define LGR(r1, r2) RRE_(0xb904, r1, r2)
#define LA(r, x, b, d) RX_(0x41, r, x, b, d)
#define L(r, b, d) RX_(0x58, r, 0, b, d)
#define ST(r, b, d) RX_(0x50, r, 0, b, d)
#define LG(r, b, d) RXY_(0xe304, r, b, d)
#define STG(r, b, d) RXY_(0xe324, r, b, d)
#define LLGH(r, b, d) RXY_(0xe391, r, b, d)
#define SLLG(r1, r3, bits) RSY_(0xeb0d, r1, r3, 0, bits)
#define EX(r, b, d) RX_(0x44, r, 0, b, d)
/* The relative form is 6 bytes long. */
#define EXRL(r, halfwords) \
	LOW16(0xc600 | (r) << 4), LOW16((int32_t)(halfwords) >> 16), LOW16(halfwords)
#define LPSWE(b, d) S_(0xb2b2, b, d)
#define LCTLG(r1, r3, b, d) RSY_(0xeb2f, r1, r3, b, d)
#define SCKC(b, d) S_(0xb206, b, d)
#define SPT(b, d) S_(0xb208, b, d)
#define STPX(b, d) S_(0xb211, b, d)
#define CS(r1, r3, b, d) RX_(0xba, r1, r3, b, d)
#define SIGP(r1, r3, b, d) RX_(0xae, r1, r3, b, d)
#define DIAG(code) 0x8300, LOW16(code)
/* The end of a test program: a DIAGNOSE that no host answers. */
#define DONE DIAG(0x501)
/* An instruction that branches to itself. */
#define SPIN J(0)

#endif
