// The instructions a program really contains, against the CPU of the target.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "disasm/code.h"
#include "disasm/features.h"
#include "disasm/lacking_walk.h"
#include "disasm/must_execute.h"
#include "disasm/sweep.h"
#include "elf/image.h"
#include "elf/sections.h"
#include "loader/go_functions.h"
#include "loader/outcome.h"
#include "target/target.h"

namespace abiscope::loader {

// What is known of a CPU check before the code that uses a feature.
enum class GuardKind : std::uint8_t {
    certain_use,       // executed by every start of the program: no check can help
    none_seen,         // nothing in the file asks what the CPU can do
    not_before,        // the file asks, but not on the way to this code as far as can be seen
    likely,            // the file asks, and without the feature no way leads to this code as far as can be seen
};

struct Guard {
    GuardKind kind = GuardKind::none_seen;
    std::string words;                 // "CPUID is asked in __cpu_indicator_init, and the function is reached by pointer only"
    std::uint64_t address = 0;         // for certain_use: of the instruction that is executed
    std::string instruction;
};

// A sweep of one file with what is needed to judge its results.
class SweptCode {
public:
    // Nothing when the file has no code, or its machine is not known to disasm/.
    [[nodiscard]] static std::optional<SweptCode> make(const elf::Image& image, const std::vector<elf::Section>& sections);

    [[nodiscard]] const disasm::Code& code() const { return code_; }
    [[nodiscard]] const disasm::Sweep& sweep() const { return sweep_; }
    // Whether every start executes `feature`, and if not, whether a CPU without `lacking` comes to it. x86 only; of other code the names
    // and the first instructions of functions must do.
    [[nodiscard]] Guard guard_of(disasm::Feature feature, const disasm::FeatureSet& lacking);
    [[nodiscard]] std::string function_name(std::optional<std::size_t> index) const;

private:
    SweptCode(const elf::Image& image, const std::vector<elf::Section>& sections, disasm::Code code, GoTables tables);
    [[nodiscard]] std::string asks(disasm::Feature feature) const;  // where the file asks the CPU; empty when nowhere
    [[nodiscard]] const GoStandardCode& go();
    [[nodiscard]] Guard guard_on_x86(disasm::Feature feature, const std::string& asked, const disasm::FeatureSet& lacking);
    // arm64, by name and first instructions: the first function with the feature that nobody chooses by what the CPU can do.
    [[nodiscard]] const disasm::FunctionUse* not_selected(disasm::Feature feature);

    const elf::Image* image_;
    disasm::Code code_;
    disasm::Sweep sweep_;
    disasm::Walk line_;  // what every start executes
    std::vector<elf::Section> sections_;
    std::optional<disasm::LackingWalk> reached_;  // made when first needed
    disasm::FeatureSet lacking_;  // for which it was made
    std::set<std::uint64_t> starts_;  // functions that every start reaches, though no code calls them
    GoTables tables_;
    std::optional<GoStandardCode> go_;  // made when first needed
};

// The features of the target's CPU, as far as the disassembler knows their names. Nothing when the target says none.
[[nodiscard]] std::optional<disasm::FeatureSet> cpu_features(const target::Target& target);

// Every feature of x86 that disasm/ has a name for, but those of `features`.
[[nodiscard]] disasm::FeatureSet lacking_features(const disasm::FeatureSet& features);

// Whether a sweep could find anything the declared level does not tell: not on a CPU that has every feature of every level.
[[nodiscard]] bool sweep_worthwhile(const target::Target& target);

// Whether an assumption of an outcome says that code is taken to lie behind a test of the CPU.
[[nodiscard]] bool is_about_instructions(std::string_view assumption);

// Adds to `outcome` what the code contains and the target's CPU lacks. The verdict becomes `fails` (SIGILL) only when every start of the
// program executes such an instruction, `conditional` when no CPU check is seen before it; else it stays and the check is an assumption.
void check_instructions(const elf::Image& image, const std::string& path, const target::Target& target, Outcome& outcome);

}  // namespace abiscope::loader
