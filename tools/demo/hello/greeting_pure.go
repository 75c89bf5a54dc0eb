//go:build !cgo
// +build !cgo

package main

func greeting() string {
	return "without C"
}
