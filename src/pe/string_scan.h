// Names out of a file whose tables may all point at the same long text: the scanning for terminators is paid from one purse per table,
// sized by the file, so that the work stays linear in it. Linkers merge names, but never make them overlap more than a few times over.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bytes/view.h"

namespace abiscope::pe {

class StringScan {
public:
    explicit StringScan(View file) : left_(16 * file.size() + (std::uint64_t{1} << 16)) {}

    // The NUL-terminated text at the front of `text`; nothing when no NUL follows or the purse is empty.
    [[nodiscard]] std::optional<std::string_view> first(View text) {
        View window = text.clamped(0, left_);
        auto found = window.c_string(0);
        left_ -= found ? found->size() + 1 : window.size();
        if (!found && text.size() > window.size()) exhausted_ = true;
        return found;
    }

    [[nodiscard]] bool exhausted() const { return exhausted_; }

private:
    std::uint64_t left_;
    bool exhausted_ = false;
};

}  // namespace abiscope::pe
