// The instruction-set sweep: every instruction of executable code, and which CPU features it needs.
//
// Code is decoded in a straight line. Bytes that are no code (jump tables, constants, padding) are read as instructions too, so each use
// of a feature says how much it is to be trusted. At a function the sweep starts afresh; where it knows none it goes on after the first
// byte that does not decode.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "disasm/code.h"
#include "disasm/features.h"
#include "disasm/levels.h"

namespace abiscope::disasm {

// How sure it is that the bytes are an instruction.
enum class Trust : std::uint8_t {
    doubtful,   // within 64 bytes lies something that is no code: bytes that do not decode, or an instruction no program has
    clean,      // decodes, and so does everything around it
    reached,    // and direct control flow leads to it from a known function or entry point (see trace_to in guards.h)
};

[[nodiscard]] std::string_view to_string(Trust trust);

// An instruction that was found.
struct Site {
    std::uint64_t address = 0;
    std::uint64_t file_offset = 0;
    std::optional<std::size_t> function;    // index into Code::functions()
    std::vector<std::byte> bytes;
    std::string text;                       // Intel syntax
};

struct FeatureUse {
    Feature feature = Feature::none;
    std::uint64_t count = 0;            // instructions that need it and are to be trusted (clean)
    std::uint64_t doubtful = 0;         // ... and are not
    std::uint64_t harmless = 0;         // instructions of the feature that run on every CPU (Absence::harmless), clean or not
    Absence absence = Absence::illegal; // of the instruction at `first`
    Trust trust = Trust::doubtful;      // of `first`; the best there is
    Site first;                         // by address, among those of that trust
};

// What one function needs.
struct FunctionUse {
    std::optional<std::size_t> function;    // index into Code::functions(); nothing for code that no function covers
    FeatureSet features;                    // clean uses that fault or differ without the feature
    FeatureSet doubtful;
    std::uint64_t first = 0;                // address of the first such instruction
};

// CPUID, XGETBV or RDSSP: the code asks what the CPU can do.
struct Probe {
    enum class Kind : std::uint8_t { cpuid, xgetbv, rdssp } kind = Kind::cpuid;
    std::uint64_t address = 0;
    std::uint64_t file_offset = 0;
    std::optional<std::size_t> function;
    Trust trust = Trust::doubtful;
};

struct Sweep {
    // Whether features are known for this architecture; when not, only the byte counts mean anything.
    bool features_known = false;
    std::vector<FeatureUse> uses;       // above the baseline of the architecture; in the order of enum Feature
    std::vector<FunctionUse> functions; // by address of their first use
    std::vector<Probe> probes;          // by address; at most sweep_max_probes
    std::uint64_t probe_count = 0;
    FeatureSet used;                    // needed by clean instructions
    FeatureSet doubtful;                // needed by doubtful instructions only
    const Level* level = nullptr;               // lowest that has `used`; nothing where the architecture has no levels
    const Level* doubtful_level = nullptr;      // lowest that has `used` and `doubtful`
    std::uint64_t bytes_swept = 0;      // data ranges left out
    std::uint64_t bytes_undecodable = 0;
    std::uint64_t bytes_data = 0;       // left out because the caller said so

    [[nodiscard]] const FeatureUse* find(Feature feature) const;
};

inline constexpr std::size_t sweep_max_probes = 256;

// Runs on all cores of the machine. The result does not depend on how the work was divided.
[[nodiscard]] Sweep sweep(const Code& code);

}  // namespace abiscope::disasm
