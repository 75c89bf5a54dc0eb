// Functions in which nothing depends on what the CPU can do: all that matters of them is where they lead.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "disasm/code.h"
#include "disasm/decoder.h"
#include "disasm/references.h"
#include "disasm/x86_fast.h"

namespace abiscope::disasm {

enum class FunctionRole : std::uint8_t {
    plain,
    reached,    // plain, and PlainFunctions was there
    tests,      // may ask the CPU, or stands so close to one that uses a feature that it may run into it
    uses,       // contains what a CPU may lack
};

// Ranges of code from which nothing leads but jumps through memory: procedure linkage tables.
[[nodiscard]] std::vector<AddressRange> dead_ends(const Code& code, const Decoder& decoder);

// By index: the functions from which a way may lead to one of `functions`, and these themselves.
[[nodiscard]] std::vector<bool> leading_to(const Code& code, const References& references, std::vector<std::uint32_t> functions);

// Which plain functions are reached. Whoever leads to one that uses a feature is not plain: whether it comes to that call is looked at.
class PlainFunctions {
public:
    // `roles` of all functions of `code`, whose references are `references`.
    PlainFunctions(const Code& code, const References& references, std::vector<FunctionRole> roles);

    [[nodiscard]] bool contains(std::size_t function) const { return roles_[function] <= FunctionRole::reached; }

    // Of one that contains() tells of.
    void reach(std::size_t function) {
        if (roles_[function] == FunctionRole::reached) return;
        roles_[function] = FunctionRole::reached;
        open_.push_back(static_cast<std::uint32_t>(function));
    }

    using Arrive = std::function<void(std::uint64_t address)>;

    // Follows what was reached to its end, and gives out each address outside plain functions to which it leads, some more than once. False
    // when there was nothing to follow.
    [[nodiscard]] bool follow(const Decoder& decoder, const Arrive& arrive);

private:
    void lead_on(std::size_t function, const Arrive& arrive);
    void lead_out(std::size_t function, const Decoder& decoder, const Arrive& arrive);
    [[nodiscard]] bool is_open(std::size_t function) const;
    void lead_to(std::uint64_t address, const Arrive& arrive);

    const Code* code_;
    const References* references_;
    x86::FastDecoder lengths_;
    std::vector<FunctionRole> roles_;
    std::vector<std::uint32_t> open_;
    std::vector<std::uint32_t> recent_;  // whose short branches were not looked at
};

}  // namespace abiscope::disasm
