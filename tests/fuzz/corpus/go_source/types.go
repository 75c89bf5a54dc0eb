//go:build (linux || darwin) && !cgo && go1.18

// A file with a little of everything.
package p

import (
	"sync"
	at "sync/atomic"
	. "time"
	"unsafe"
)

const N = 1 << 3
const (
	A = iota * 2
	B
	C, D = iota, 'x'
)
const word = 32 << (^uint(0) >> 63)

var v = map[string][]int{"a": {1, 2}}

type (
	Number int64
	Alias  = Number
	S      struct {
		a, b int8 `json:"a"`
		c    [N]byte
		d    [2*B + word/8]*S
		sync.Mutex
		*Number
		e  at.Int64
		f  func(int, ...string) (n int, err error)
		g  map[string]chan<- struct{}
		h  interface{ M(); ~int | string }
		_  struct{}
		i  Pair[int8, Pair[string, []S]]
		p  unsafe.Pointer
	}
	Pair[P any, Q interface{ ~int }] struct {
		p P
		q Q
	}
	Empty struct{}
	Loop  [4]Loop
)

func (s *S) F(a, b int, c string, x any, rest ...float64) (int, error) {
	if a < b { return 0, nil }
	return b, nil
}
func G[T any](t T) {}
func (p Pair[P, Q]) H() {}
func f(struct{ x, y float32 }, [1]int, complex64) (r [2]uint16)
