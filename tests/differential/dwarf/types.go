// Go's own kinds of types.
package main

import (
	"fmt"
	"sync"
)

type Inner struct {
	A int8
	B int64
}

type Stringer interface{ String() string }

type Names []string

type Table map[string]*Inner

type Everything struct {
	Inner
	Flag    bool
	Any     interface{}
	Str     Stringer
	Text    string
	Ints    []int
	Names   Names
	Table   Table
	Map     map[int]string
	Call    func(int) error
	Channel chan int
	Address uintptr
	Pointer *Everything
	Array   [3]Inner
	Complex complex64
	Real    float32
	Lock    sync.Mutex
	Byte    byte
	Rune    rune
	Last    struct{}
}

func (e *Everything) String() string { return e.Text }

func main() {
	e := &Everything{Text: "x", Table: Table{}}
	e.Str = e
	fmt.Println(e.Str.String(), len(e.Names), e)
}
