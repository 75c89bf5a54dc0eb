// What lies at an address of a crashed process: mapping, file, section, symbol, the frame of a thread or goroutine whose stack it is in,
// the object of Go's heap it belongs to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/crash.h"
#include "core/go_heap.h"
#include "core/live_slots.h"

namespace abiscope::core {

// A place on a stack.
struct StackPlace {
    std::uint32_t thread = 0;                  // number in the kernel; 0: a goroutine that does not run
    std::optional<std::uint64_t> goroutine;    // its number
    std::string below;                         // not empty: it is in no frame, and why
    std::size_t frame = 0;                     // from the innermost
    std::uint64_t pc = 0;                      // of the frame
    std::uint64_t lookup_pc = 0;
    std::uint64_t offset = 0;                  // from the frame's stack pointer
    std::optional<SlotKind> slot;              // of a Go frame: the stack map says that the word holds a pointer
    std::string slots_unknown;                 // why the stack map does not say
};

struct Place {
    std::uint64_t address = 0;
    bool canonical = true;
    const Region* region = nullptr;            // null: nothing is mapped there
    const Region* before = nullptr;            // neighbours of an address where nothing is mapped; null: there is none
    const Region* after = nullptr;
    std::string name;                          // of the mapping, as Process::place_name()
    Origin origin = Origin::unknown;           // of its bytes
    std::optional<std::uint64_t> core_offset;  // of its bytes in the dump
    const MappedFile* file = nullptr;
    std::uint64_t file_offset = 0;
    std::string section;
    std::string symbol;                        // that covers it
    std::uint64_t symbol_offset = 0;
    std::optional<StackPlace> stack;
    std::optional<GoHeapPlace> go_heap;
    bool go_unused = false;                    // in memory of the Go runtime, and in no span that is in use
    std::optional<std::uint64_t> word;         // what lies there
};

// `heap` is that of a Go program, or null. Uses the crash's unwinder: its Go thread is another one afterwards.
[[nodiscard]] Place find_place(Crash& crash, std::uint64_t address, const GoHeap* heap);

}  // namespace abiscope::core
