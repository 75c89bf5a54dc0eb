// One type under several ABIs, as `layout` shows it: equal layouts are one column.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "abi/better_order.h"
#include "abi/go_layout.h"
#include "abi/layout.h"
#include "abi/profile.h"
#include "report/json.h"
#include "report/style.h"
#include "source/declarations.h"

namespace abiscope::report {

// Something placed, or the bits before it that hold nothing. Members of an anonymous struct or union follow it, one level deeper.
struct LayoutItem {
    std::string key;                    // the same for the same member under another profile
    std::string label;                  // `char a`, `base B`; of padding: why it is there
    unsigned depth = 0;
    std::uint64_t bit_offset = 0;       // from the start of the outermost record
    std::uint64_t bit_size = 0;
    bool bits = false;                  // a bit-field, or padding that is no whole number of bytes
    std::optional<abi::Padding> padding;
    abi::Placed placed;                 // of padding: empty
};

// The answer of one profile: a layout, or why there is none.
struct ProfileLayout {
    const abi::Profile* profile = nullptr;
    std::shared_ptr<const source::Declarations> declared;   // of source text and of programs that were read whole; null: of one in parts
    const abi::TypeTable* types = nullptr;                  // of `declared`, where that is there
    abi::TypeId type = abi::TypeId::none;
    std::optional<abi::Layout> layout;
    std::vector<LayoutItem> items;   // of `layout`, as fill_items() makes them
    abi::BetterOrder better;
    std::optional<abi::GoPointers> pointers;   // of a type in Go
    std::optional<Error> error;
    bool recorded = false;   // `layout` is what debug information says
    bool computed = true;    // `layout` has what the engine knows: alignments, reasons of padding
    std::string differs;     // of a recorded layout: where the engine comes to another

    // Bytes that hold nothing; bits left over between bit-fields count by the byte.
    [[nodiscard]] std::uint64_t padding_bytes() const;
};

void fill_items(ProfileLayout& profile);

struct TypeLayouts {
    std::string name;                       // as the source says it, without struct
    std::vector<ProfileLayout> profiles;    // in the order asked for
    std::vector<std::string> crosses_in;    // symbols through which others reach it; empty: nobody asked
    bool crosses_in_more = false;           // there are others

    // Whether two profiles disagree on size, alignment or the place of anything; a profile without an answer disagrees with nobody.
    [[nodiscard]] bool differs() const;
    // Bytes of padding, the most under any profile.
    [[nodiscard]] std::uint64_t waste() const;
    [[nodiscard]] std::uint64_t saved() const;
    [[nodiscard]] const ProfileLayout* first() const;   // with a layout; null: none has
};

// Of all types that are shown.
struct LayoutSums {
    std::uint64_t types = 0;
    std::uint64_t size = 0;      // bytes, under the first profile that has a layout
    std::uint64_t waste = 0;
    std::uint64_t saved = 0;
    std::uint64_t differ = 0;    // types
    std::uint64_t better = 0;    // types

    void add(const TypeLayouts& type);
    void add(const LayoutSums& other);
};

struct LayoutOptions {
    std::uint32_t cache_line = 64;   // bytes
    bool why = true;                 // the document behind each padding byte
};

[[nodiscard]] std::string layout_text(const TypeLayouts& type, const LayoutOptions& options, const Style& style);
[[nodiscard]] std::string layout_summary(const LayoutSums& sums, const Style& style);
[[nodiscard]] Json layout_json(const TypeLayouts& type);

// "0110"
[[nodiscard]] std::string mask_text(const std::vector<bool>& mask);
[[nodiscard]] std::string_view to_string(abi::PaddingReason reason);
[[nodiscard]] std::string_view to_string(abi::Role role);
// "`b` is aligned to 16"; `behind` is how to call the member behind it when it has no name.
[[nodiscard]] std::string words(const abi::Padding& padding, std::string_view behind);

}  // namespace abiscope::report
