// Writes what is known of a stopped process as an ELF core dump, in the form and under the rules of Linux (fs/binfmt_elf.c, fs/coredump.c
// with the default coredump_filter, 0x33), so that everything that reads core dumps reads it. Pure: the contents are handed in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/registers.h"

namespace abiscope::core {

struct RegisterSet {
    std::uint32_t type = 0;            // NT_*
    std::vector<std::byte> bytes;      // as the kernel lays them out
};

struct DumpedThread {
    std::uint32_t id = 0;
    std::vector<std::byte> general;    // what NT_PRSTATUS holds of the registers
    std::vector<RegisterSet> others;
};

struct DumpedMapping {
    std::uint64_t start = 0;
    std::uint64_t end = 0;
    std::uint32_t flags = 0;           // PF_*
    std::uint64_t dumped = 0;          // bytes from the start on that go into the dump
    bool shared = false;
    std::string path;                  // of the file behind it; empty: none
    std::uint64_t file_offset = 0;     // bytes
};

struct DumpedProcess {
    const MachineLayout* layout = nullptr;   // never null
    std::uint64_t page_size = 4096;
    std::uint32_t pid = 0, parent = 0, group = 0, session = 0, uid = 0, gid = 0;
    std::string name;
    std::string arguments;             // separated by blanks
    std::int32_t signal = 0;
    std::int32_t code = 0;             // si_code and si_errno, for NT_PRSTATUS
    std::int32_t error = 0;
    std::vector<std::byte> signal_info;      // siginfo_t of the machine; empty: not known, and no NT_SIGINFO is written
    std::vector<std::byte> auxiliary;
    std::vector<DumpedThread> threads;       // the one that got the signal first
    std::vector<DumpedMapping> mappings;     // by address
};

// Where the memory goes that the dump holds.
struct DumpedPiece {
    std::uint64_t file_offset = 0;     // a multiple of the page size
    std::uint64_t address = 0;
    std::uint64_t size = 0;
    bool shared = false;
};

struct CoreLayout {
    std::vector<std::byte> head;       // everything before the memory
    std::vector<DumpedPiece> pieces;   // by both offset and address, none of them empty
    std::uint64_t size = 0;            // of the whole file
};

[[nodiscard]] CoreLayout lay_out_core(const DumpedProcess& process);

// The siginfo_t of a 32-bit program out of the one a 64-bit kernel keeps for it (`native`, 128 bytes).
[[nodiscard]] std::vector<std::byte> narrow_siginfo(const std::vector<std::byte>& native);

}  // namespace abiscope::core
