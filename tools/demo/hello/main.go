// The Go program of the demo. Built without cgo it needs nothing but a kernel; built with cgo it greets from C, and so needs a libc.
package main

import (
	"fmt"
	"runtime"
)

func main() {
	fmt.Printf("hello from %s/%s, %s\n", runtime.GOOS, runtime.GOARCH, greeting())
}
