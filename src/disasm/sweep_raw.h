// The sweep before it is put into words: counts per kind of instruction, in addresses. Inside this room only.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <vector>

#include "disasm/code.h"
#include "disasm/features.h"
#include "disasm/lane.h"

namespace abiscope::disasm {

inline constexpr std::uint64_t no_address = ~std::uint64_t{0};

struct RawTally {
    std::uint64_t clean = 0;
    std::uint64_t doubtful = 0;
    std::uint64_t first_clean = no_address;
    std::uint64_t first_doubtful = no_address;

    friend bool operator==(const RawTally&, const RawTally&) = default;
};

struct RawFunction {
    std::uint32_t function = no_function;
    std::uint64_t first = 0;
    std::bitset<256> clean;
    std::bitset<256> doubtful;

    friend bool operator==(const RawFunction&, const RawFunction&) = default;
};

struct RawProbe {
    Landmark landmark = Landmark::none;
    std::uint64_t address = 0;
    std::uint32_t function = no_function;
    bool clean = false;

    friend bool operator==(const RawProbe&, const RawProbe&) = default;
};

struct RawSweep {
    Architecture architecture = Architecture::x86_64;
    bool features_known = false;
    std::array<RawTally, 256> tallies{};
    std::vector<RawFunction> functions;
    std::vector<RawProbe> probes;
    std::uint64_t probe_count = 0;
    std::uint64_t bytes_swept = 0;
    std::uint64_t bytes_undecodable = 0;
    std::uint64_t bytes_data = 0;

    // What the instructions counted under `code` need.
    [[nodiscard]] Needs needs(std::uint8_t code) const;

    void add(const LaneResult& lane, std::uint64_t address);

    friend bool operator==(const RawSweep&, const RawSweep&) = default;
};

// Enough bytes to make the start of a task not worth a thought, and few enough results to merge.
inline constexpr std::size_t usual_piece = std::size_t{128} << 10;

// `piece`: about how many bytes a task gets; changes the speed, never the result.
[[nodiscard]] RawSweep sweep_raw(const Code& code, std::size_t piece = usual_piece);

// Part of a range, with the functions that start in it.
[[nodiscard]] Section section_of(const Code& code, const CodeRange& range, std::uint64_t from, std::uint64_t to);

// `code` cut at what is known to be data, with the functions that start in each part.
[[nodiscard]] std::vector<Section> sections_of(const Code& code);

// Where to divide a section's work: about `size` bytes each, at functions where there are any.
[[nodiscard]] std::vector<Piece> pieces_of(const Section& section, std::size_t size);

}  // namespace abiscope::disasm
