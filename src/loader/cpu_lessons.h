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
#include "disasm/sweep.h"
#include "elf/image.h"
#include "loader/cpu_words.h"
#include "loader/data_objects.h"

namespace abiscope::loader {

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

// Addresses that data holds: the variables there may be written through a pointer.
struct DataPointers {
    DataObjects objects;
    std::span<const std::uint64_t> relocated;
    std::vector<std::uint64_t> section_starts;  // which Go's module data names, and which say nothing of the variable that lies there
};

// Of functions that are walked alone.
class Lessons {
public:
    Lessons(const disasm::Code& code, const disasm::Decoder& decoder, const LeafAskers& leaves, const disasm::FeatureSet& lacking,
            CpuWords& words)
        : code_(code), decoder_(decoder), leaves_(leaves), lacking_(lacking), words_(words) {}

    // Where `askers` store anything, on whatever CPU, and then what it is on this one.
    void learn_words(const elf::Image& image, std::span<const std::uint64_t> askers);

    // Words into which `watchers`, which look at those words, and what they call of `behind` (sorted) put something else on this CPU than
    // on others: Go's `var useAVX2 = cpu.X86.HasAVX2 && cpu.X86.HasBMI2`. False when there are none.
    [[nodiscard]] bool learn_derived(const elf::Image& image, std::span<const std::uint64_t> watchers,
                                     std::span<const std::uint64_t> behind, const DataPointers& pointers);

    // What `functions`, which look at those words, return.
    void learn_results(std::span<const std::uint64_t> functions);
    [[nodiscard]] disasm::KnownBits result_of(std::uint64_t function) const;

private:
    using Results = std::map<std::uint64_t, disasm::KnownBits>;

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
