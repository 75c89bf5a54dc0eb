// Where the functions of an x86 program could lead, read off their bytes without decoding them: every four bytes that would be a
// displacement to code, wherever they stand. That finds all that instructions say, and a little that none does (about one such place in
// a hundred thousand bytes).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "disasm/code.h"
#include "disasm/function_starts.h"

namespace abiscope::disasm {

struct ReferenceOptions {
    bool absolute = false;  // addresses also stand in the code as they are: a program that is loaded where it was linked to
    AddressRange data;  // memory in which watching() looks for users
    std::vector<AddressRange> dead_ends;  // code from which no way leads to any function
    std::vector<std::uint64_t> apart;  // addresses of other objects, sorted: who computes one means no more than that
};

struct Watched {
    AddressRange memory;  // within ReferenceOptions::data
    std::uint64_t before = 0;  // who computes an address so many bytes before it may look at it
};

struct Reference {
    std::uint32_t function : 31 = 0;  // index in Code::functions()
    std::uint32_t inside : 1 = 0;  // a branch to a place behind the function's start
};

// A function that refers to memory which is watched.
struct Watcher {
    std::uint32_t function = 0;  // index in Code::functions()
    std::uint32_t watched = 0;  // index of the memory
    bool only_reads = true;
};

class References {
public:
    // Nothing when `starts`, which is of `code`, is not dense, or the data spans 4 GiB.
    // Branches into `dead_ends` are left out. Runs on all cores of the machine; the result does not depend on how the work was divided.
    [[nodiscard]] static std::optional<References> find(const Code& code, const FunctionStarts& starts, const ReferenceOptions& options);

    // Functions to which something in the bytes of `function` points, in the order of the bytes. Short branches are not found.
    [[nodiscard]] std::span<const Reference> of(std::size_t function) const {
        return std::span(references_).subspan(begin_[function], begin_[function + 1] - begin_[function]);
    }

    // Whether something in `function` looks like a branch to code that no function holds.
    [[nodiscard]] bool leads_outside(std::size_t function) const { return leads_outside_[function]; }

    // Functions that refer to some of `watched`, by function and then by memory.
    [[nodiscard]] std::vector<Watcher> watching(std::span<const Watched> watched) const;

    // By index: the functions that store something, as their bytes say, where `most` functions do at the most.
    [[nodiscard]] std::vector<bool> setters(std::size_t most) const;

private:
    class Scan;

    // How an instruction refers to data, and so how far behind the address it may look.
    enum class Manner : std::uint8_t { reads_byte, reads, byte, word, operand, address };

    struct DataUse {
        std::uint32_t offset = 0;  // from data_
        std::uint32_t function : 29 = 0;
        Manner manner : 3 = Manner::operand;
    };

    [[nodiscard]] static bool only_reads(Manner manner) { return manner <= Manner::reads; }
    [[nodiscard]] static std::uint64_t bytes_behind(Manner manner, std::uint64_t before);

    std::vector<std::size_t> begin_;  // of each function in references_, and the end of the last
    std::vector<Reference> references_;
    std::vector<bool> leads_outside_;
    std::uint64_t data_ = 0;  // its lowest address
    bool absolute_only_ = false;  // operands in memory are told by addresses alone: 32-bit code
    std::vector<DataUse> uses_;
};

}  // namespace abiscope::disasm
