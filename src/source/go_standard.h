// Types of Go's standard library that structs hold by value, as its source declares them. Only those whose layout has been the same in
// every release the profiles know; the rest is refused rather than guessed.
#pragma once

#include <string_view>

namespace abiscope::source {

struct GoStandardPackage {
    std::string_view path;
    std::string_view text;
};

inline constexpr GoStandardPackage go_standard[] = {
    // sync/atomic/type.go, since 1.19
    {"sync/atomic", R"(package atomic
type noCopy struct{}
type align64 struct{}
type Bool struct { _ noCopy; v uint32 }
type Int32 struct { _ noCopy; v int32 }
type Int64 struct { _ noCopy; _ align64; v int64 }
type Uint32 struct { _ noCopy; v uint32 }
type Uint64 struct { _ noCopy; _ align64; v uint64 }
type Uintptr struct { _ noCopy; v uintptr }
type Pointer[T any] struct { _ [0]*T; _ noCopy; v unsafe.Pointer }
type Value struct { v any }
)"},
    // sync/mutex.go, rwmutex.go, once.go: the fields have moved into other types since, the bytes have not
    {"sync", R"(package sync
type Mutex struct { state int32; sema uint32 }
type RWMutex struct { w Mutex; writerSem uint32; readerSem uint32; readerCount int32; readerWait int32 }
type Once struct { done uint32; m Mutex }
type Locker interface { Lock(); Unlock() }
)"},
    // time/time.go
    {"time", R"(package time
type Duration int64
type Month int
type Weekday int
type Location struct { name string }
type Time struct { wall uint64; ext int64; loc *Location }
)"},
    // structs/hostlayout.go, since 1.23
    {"structs", R"(package structs
type hostLayout struct{}
type HostLayout struct { _ hostLayout }
)"},
};

}  // namespace abiscope::source
