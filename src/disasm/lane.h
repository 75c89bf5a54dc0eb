// The pieces the sweep works on and what it counts in each. Inside this room only.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace abiscope::disasm {

// A kind of instruction: index into the architecture's table of needs. 0: needs nothing.
using NeedsCode = std::uint8_t;

// Instructions the sweep must see one by one.
enum class Landmark : std::uint8_t {
    none,
    cpuid,          // asks the CPU what it can do
    xgetbv,         // asks which register state the operating system saves
    rdssp,          // asks whether a shadow stack is there
    implausible,    // privileged, port input and output, far branches, ADD [RAX],AL: data rather than the code of a program
};

// Two things closer than this have to do with each other: a use of a feature this near to bytes that are no code is doubtful.
inline constexpr std::size_t trust_distance = 64;

inline constexpr std::uint32_t no_function = ~std::uint32_t{0};
inline constexpr std::size_t no_end = ~std::size_t{0};

// Where a function starts, as offsets into the section.
struct SyncPoint {
    std::size_t start = 0;
    std::size_t end = no_end;       // no_end: not known
    std::uint32_t function = 0;
};

// Code without gaps.
struct Section {
    std::span<const std::byte> bytes;
    std::uint64_t address = 0;
    std::vector<SyncPoint> syncs;   // sorted
};

// Part of a section. A piece that starts where no instruction is known to start (`guessed`) decodes the first bytes only to fall into step,
// as x86 code does within a few instructions, and counts from the first instruction at or after start + run_in on; the piece before it
// counts up to there.
struct Piece {
    std::size_t start = 0;
    std::size_t end = 0;
    bool guessed = false;
    bool next_guessed = false;
};

inline constexpr std::size_t run_in = 512;

struct Tally {
    std::uint64_t clean = 0;
    std::uint64_t doubtful = 0;
    std::size_t first_clean = no_end;  // offsets into the section
    std::size_t first_doubtful = no_end;
};

struct FunctionTally {
    std::uint32_t function = no_function;
    std::size_t first = 0;
    std::bitset<256> clean;  // by NeedsCode
    std::bitset<256> doubtful;
};

struct ProbeTally {
    Landmark landmark = Landmark::none;
    std::size_t at = 0;
    std::uint32_t function = no_function;
    bool clean = false;
};

// What a lane knows between two instructions, and the lane that goes on from there has to know.
struct Carry {
    std::size_t at = no_end;  // where the next instruction starts
    std::size_t before = no_end;  // where the last one did
    std::size_t disturbed = no_end;  // the last place that is no code, when near enough to matter

    friend bool operator==(const Carry&, const Carry&) = default;
};

struct LaneResult {
    Carry begin;  // when counting began
    Carry end;  // and when it ended
    std::uint64_t undecodable = 0;
    std::array<Tally, 256> tallies{};
    std::vector<FunctionTally> functions;
    std::vector<ProbeTally> probes;
    std::uint64_t probe_count = 0;
};

}  // namespace abiscope::disasm
