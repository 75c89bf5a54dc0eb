// Callers of code that neither call frame information nor frame pointers cover, as musl's libc has none: found by the calls themselves.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/unwind.h"
#include "disasm/decoder.h"

namespace abiscope::core {

// A word on the stack is the return address of a frame when the call in front of it leads to a function whose instructions, from its start
// to where it is now, have moved the stack pointer exactly as far as from that word.
class CallSearch {
public:
    CallSearch(const Process& process, const disasm::Decoder& decoder) : process_(process), decoder_(decoder) {}

    struct Caller {
        Registers registers;
        std::uint64_t cfa = 0;
    };
    // `named_start`: where the frame's function begins, if its name is known; else 0.
    [[nodiscard]] std::optional<Caller> caller(const Frame& frame, std::uint64_t named_start);

private:
    struct Saved {
        std::string_view reg;
        std::uint64_t depth = 0;       // its place is that far below the return address
    };
    // What a function has done to its stack and to the registers that it has to keep, where it is now.
    struct Layout {
        std::uint64_t depth = 0;
        std::vector<Saved> saved;
        std::vector<std::string_view> changed;
    };
    [[nodiscard]] std::optional<std::uint64_t> called_from(std::uint64_t return_address, std::uint64_t named_start) const;
    [[nodiscard]] std::optional<std::uint64_t> jumps_to(std::uint64_t start) const;
    [[nodiscard]] std::optional<Layout> layout_at(std::uint64_t start, std::uint64_t pc) const;
    [[nodiscard]] std::optional<Layout> find(const Frame& frame, std::uint64_t named_start);

    const Process& process_;
    const disasm::Decoder& decoder_;
    std::unordered_map<std::uint64_t, std::optional<Layout>> known_;   // by pc: a recursion asks again and again
    std::uint64_t searched_ = 0;       // words, in vain
};

}  // namespace abiscope::core
