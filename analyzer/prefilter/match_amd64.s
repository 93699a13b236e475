#include "textflag.h"

// LOOK sets OUT to the buckets of which a fingerprint may begin at each of the
// 32 places from OFF on. A look-up by the low half takes the letters as they
// are: the instruction ignores the bits between, and answers 0 for letters
// outside ASCII, which no word has.
#define LOOK(OFF, OUT) \
	VMOVDQU OFF(SI)(AX*1), Y8    \
	VMOVDQU (OFF+1)(SI)(AX*1), Y9  \
	VMOVDQU (OFF+2)(SI)(AX*1), Y10 \
	VMOVDQU (OFF+3)(SI)(AX*1), Y11 \
	VPSHUFB Y8, Y0, OUT      \
	VPSRLW  $4, Y8, Y8       \
	VPAND   Y15, Y8, Y8      \
	VPSHUFB Y8, Y1, Y8       \
	VPAND   Y8, OUT, OUT     \
	VPSHUFB Y9, Y2, Y12      \
	VPSRLW  $4, Y9, Y9       \
	VPAND   Y15, Y9, Y9      \
	VPSHUFB Y9, Y3, Y9       \
	VPAND   Y9, Y12, Y12     \
	VPAND   Y12, OUT, OUT    \
	VPSHUFB Y10, Y4, Y12     \
	VPSRLW  $4, Y10, Y10     \
	VPAND   Y15, Y10, Y10    \
	VPSHUFB Y10, Y5, Y10     \
	VPAND   Y10, Y12, Y12    \
	VPAND   Y12, OUT, OUT    \
	VPSHUFB Y11, Y6, Y12     \
	VPSRLW  $4, Y11, Y11     \
	VPAND   Y15, Y11, Y11    \
	VPSHUFB Y11, Y7, Y11     \
	VPAND   Y11, Y12, Y12    \
	VPAND   Y12, OUT, OUT

DATA halves<>+0(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA halves<>+8(SB)/8, $0x0f0f0f0f0f0f0f0f
GLOBL halves<>(SB), RODATA|NOPTR, $16

// func scanAVX2(text *byte, n, from int, m *masks) (at int, places uint64)
TEXT ·scanAVX2(SB), NOSPLIT, $0-48
	MOVQ text+0(FP), SI
	MOVQ n+8(FP), CX
	MOVQ from+16(FP), AX
	MOVQ m+24(FP), DX

	VBROADCASTI128 0(DX), Y0
	VBROADCASTI128 16(DX), Y1
	VBROADCASTI128 32(DX), Y2
	VBROADCASTI128 48(DX), Y3
	VBROADCASTI128 64(DX), Y4
	VBROADCASTI128 80(DX), Y5
	VBROADCASTI128 96(DX), Y6
	VBROADCASTI128 112(DX), Y7
	VBROADCASTI128 halves<>(SB), Y15

	SUBQ $67, CX // the last offset at which a block and three bytes are left

loop:
	CMPQ AX, CX
	JGT  rest
	LOOK(0, Y13)
	LOOK(32, Y14)
	VPOR  Y13, Y14, Y12
	VPTEST Y12, Y12
	JNZ   seen
	ADDQ  $64, AX
	JMP   loop

seen:
	VPXOR     Y12, Y12, Y12
	VPCMPEQB  Y12, Y13, Y13
	VPCMPEQB  Y12, Y14, Y14
	VPMOVMSKB Y13, BX
	VPMOVMSKB Y14, DI
	SHLQ      $32, DI
	ORQ       DI, BX
	NOTQ      BX
	MOVQ      AX, at+32(FP)
	MOVQ      BX, places+40(FP)
	VZEROUPPER
	RET

rest:
	MOVQ AX, at+32(FP)
	MOVQ $0, places+40(FP)
	VZEROUPPER
	RET
