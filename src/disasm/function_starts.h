// "Does a function start here?", for those who ask it of every word of a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "disasm/code.h"

namespace abiscope::disasm {

class FunctionStarts {
public:
    explicit FunctionStarts(const Code& code);

    // The index in Code::functions() of the function whose first instruction is at `address`.
    [[nodiscard]] std::optional<std::size_t> at(std::uint64_t address) const {
        std::uint64_t offset = address - lowest_;
        if (!spans(address)) return std::nullopt;
        if (words_.empty()) return at_scattered(address);
        std::uint64_t bit = std::uint64_t{1} << offset % 64;
        if ((any_starts_ & bit) == 0) return std::nullopt;
        const Word& word = words_[offset / 64];
        if ((word.starts & bit) == 0) return std::nullopt;
        return word.before + count(word.starts & (bit - 1));
    }

    // False for most addresses of which at() knows nothing: told without looking at memory.
    [[nodiscard]] bool may_start(std::uint64_t address) const {
        return spans(address) && (any_starts_ >> (address - lowest_) % 64 & 1) != 0;
    }

    // The function that Code::function_at finds, sooner, and whether it starts there.
    struct Around {
        std::size_t index = 0;
        bool starts = false;
    };
    [[nodiscard]] std::optional<Around> around(std::uint64_t address) const;

    // Whether `address` lies between the first and the last byte of code.
    [[nodiscard]] bool spans(std::uint64_t address) const { return address - lowest_ < span_; }

    // Of the first byte of code, and from there to the end of the last.
    [[nodiscard]] std::uint64_t lowest() const { return lowest_; }
    [[nodiscard]] std::uint64_t span() const { return span_; }

    // Whether the code lies close together and enough functions are known for that to say something about most of it.
    [[nodiscard]] bool dense() const { return !words_.empty(); }

private:
    struct Word {
        std::uint64_t starts = 0;       // a bit for each byte
        std::uint32_t before = 0;       // functions that start before the first of them
    };

    // Of the few that can start in 64 bytes: processors of the baseline count bits by a table.
    static std::size_t count(std::uint64_t starts) {
        std::size_t number = 0;
        for (; starts != 0; starts &= starts - 1) ++number;
        return number;
    }

    [[nodiscard]] std::optional<std::size_t> at_scattered(std::uint64_t address) const;

    [[nodiscard]] std::optional<std::size_t> last_before(std::uint64_t address) const;      // or at it; of dense code
    [[nodiscard]] bool holds(std::size_t function, std::uint64_t address) const;             // where none starts between

    const Code* code_;
    std::uint64_t lowest_ = 0;
    std::uint64_t span_ = 0;
    std::vector<Word> words_;           // empty when it is not dense
    std::uint64_t any_starts_ = ~std::uint64_t{0};      // of all words: most compilers align functions
};

}  // namespace abiscope::disasm
