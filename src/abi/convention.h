// What the documents of a calling convention list: registers, slots, areas of the stack. Data (data/conventions/); how arguments are
// assigned to them is code (call_*.cc).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abi/profile.h"
#include "base/result.h"

namespace abiscope::abi {

struct ConventionNote {
    std::string what;
    std::string rule;  // document and section
};

struct ConventionData {
    std::string title;
    std::string source;                      // document and section
    std::vector<std::string> general;        // argument registers, in the order of use
    std::vector<std::string> vector;
    std::string result_pointer;              // where the place of a result travels, when not as the first argument
    std::vector<std::string> general_results;
    std::vector<std::string> vector_results;
    std::vector<std::string> x87_results;
    std::uint32_t slot = 8;                  // bytes
    std::uint32_t linkage = 0;               // bytes between the stack pointer at the call and the first argument
    std::uint32_t stack_alignment = 16;      // bytes, at the call instruction
    std::uint32_t red_zone = 0;              // bytes
    std::uint32_t shadow_space = 0;          // bytes
    bool callee_pops = false;
    std::vector<std::string> callee_saved;
    std::vector<ConventionNote> notes;
};

// As the command line and the data files write it: sysv-amd64, win64, vectorcall64...
[[nodiscard]] std::string_view to_string(Convention convention);
[[nodiscard]] std::optional<Convention> find_convention(std::string_view name);
// GOARCH of a Go profile, else the first part of the triple.
[[nodiscard]] std::string_view processor(const Profile& profile);

// Of Go's conventions each architecture has its own: `architecture` is GOARCH then, and ignored otherwise. Error internal when the data of
// this build cannot be read, unsupported for an architecture that is not there.
[[nodiscard]] Result<const ConventionData*> convention_data(Convention convention, std::string_view architecture);

}  // namespace abiscope::abi
