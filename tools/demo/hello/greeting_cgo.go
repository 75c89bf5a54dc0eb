//go:build cgo
// +build cgo

package main

/*
#include <pthread.h>

static unsigned long self(void) { return (unsigned long)pthread_self(); }
*/
import "C"

import "fmt"

func greeting() string {
	return fmt.Sprintf("from C on thread %#x", uint64(C.self()))
}
