// What functions that ask the CPU leave behind on a CPU that lacks something: in memory, on the stack, in the register for a result. x86
// only.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "disasm/code.h"
#include "disasm/decoder.h"
#include "disasm/lacking_walk.h"
#include "disasm/references.h"
#include "disasm/sweep.h"
#include "elf/image.h"
#include "loader/cpu_words.h"
#include "loader/data_objects.h"

namespace abiscope::loader {

// Bytes of functions that may do little but look at a word and say or keep what follows.
inline constexpr std::uint64_t longest_teller = 2048;

// The functions that execute CPUID, by address.
[[nodiscard]] std::vector<std::uint64_t> functions_with_cpuid(const disasm::Code& code, const disasm::Sweep& sweep);

// Small functions that ask the CPU and call nothing: Go's cpuid() and xgetbv(), which take and give everything on the stack (ABI0), and
// wrappers of CPUID in C that are not inlined.
class LeafAskers {
public:
    LeafAskers(const disasm::Code& code, const disasm::Decoder& decoder, const disasm::Sweep& sweep);

    // The functions that call one, by address.
    [[nodiscard]] std::vector<std::uint64_t> callers() const;

    // Options of a walk that sees at each call what they do. The stack is kept where there are any.
    [[nodiscard]] disasm::LackingWalkOptions options() const;

private:
    const disasm::Code& code_;
    std::vector<std::uint64_t> functions_;
};

// The variables of a program and which of them may be written through a pointer.
struct DataPointers {
    DataObjects objects;
    std::vector<std::uint64_t> addresses;  // that data holds; sorted
};

// Of functions that are walked alone.
class Lessons {
public:
    Lessons(const disasm::Code& code, const disasm::Decoder& decoder, const LeafAskers& leaves, const disasm::FeatureSet& lacking,
            CpuWords& words)
        : code_(code), decoder_(decoder), leaves_(leaves), lacking_(lacking), words_(words) {}

    // Where `askers` store anything, on whatever CPU, and then what it is on this one.
    void learn_words(const elf::Image& image, std::span<const std::uint64_t> askers);

    // Words into which short functions that look at those words, or others that they call, put something else on this CPU than on others:
    // Go's `var useAVX2 = cpu.X86.HasAVX2 && cpu.X86.HasBMI2`. And words that follow from those, in turn.
    void learn_derived(const elf::Image& image, const disasm::References& references, const DataPointers& pointers);

    // What `functions`, which look at those words, return.
    void learn_results(std::span<const std::uint64_t> functions);
    [[nodiscard]] disasm::KnownBits result_of(std::uint64_t function) const;

private:
    using Results = std::map<std::uint64_t, disasm::KnownBits>;

    // As above, by `watchers` and what they call of `behind`, both sorted. False when there are none.
    [[nodiscard]] bool derive(const elf::Image& image, std::span<const std::uint64_t> watchers, std::span<const std::uint64_t> behind,
                              const DataPointers& pointers);

    [[nodiscard]] disasm::LackingWalkOptions on_any_cpu() const;
    [[nodiscard]] disasm::LackingWalkOptions on_this_cpu() const;
    [[nodiscard]] bool walk_twice(std::span<const std::uint64_t> functions, disasm::LackingWalkOptions options);

    const disasm::Code& code_;
    const disasm::Decoder& decoder_;
    const LeafAskers& leaves_;
    const disasm::FeatureSet& lacking_;
    CpuWords& words_;
    Results results_;
};

}  // namespace abiscope::loader
