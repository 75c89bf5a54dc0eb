// Members of a record under Microsoft's ABI (Microsoft Learn, C bit fields, /Zp, __declspec(align)). Sizes and alignments are bytes.
#pragma once

#include <algorithm>
#include <cstdint>

#include "abi/layout_engine.h"

namespace abiscope::abi {

struct MicrosoftMember {
    Extent type;
    std::uint32_t explicit_alignment = 0;
    bool packed = false;
    bool is_bit_field = false;
    std::uint32_t alignment = 1;   // what adjust() makes of it
};

// Where the next member may start, and what the record has become so far.
class MicrosoftFields {
public:
    bool is_union = false;
    std::uint32_t pack = 0;                 // #pragma pack in force; 0: none
    std::uint64_t size = 0;
    std::uint64_t data_size = 0;
    std::uint32_t alignment = 1;
    std::uint32_t required_alignment = 1;   // by __declspec(align): #pragma pack does not reach it

    [[nodiscard]] std::uint32_t capped(std::uint32_t bytes) const { return pack != 0 ? std::min(bytes, pack) : bytes; }
    void raise(std::uint32_t bytes) { alignment = std::max(alignment, bytes); }
    void close_unit() { open_ = false; }

    // Sets member.alignment; `record` is the class that the member or its elements are, if they are one. What a plain member requires, the
    // record requires; of a bit-field, __declspec(align) moves the alignment only.
    void adjust(MicrosoftMember& member, const RecordInfo* record);
    // Offset in bits.
    std::uint64_t place_bit_field(std::uint32_t width, const MicrosoftMember& member);

private:
    bool open_ = false;  // the last member is a bit-field that has a width
    std::uint64_t unit_size_ = 0;
    std::uint64_t bits_left_ = 0;
};

}  // namespace abiscope::abi
