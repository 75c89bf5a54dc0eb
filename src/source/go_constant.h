// Constant expressions of Go, as far as array lengths use them: integers, names of constants, iota, operators, conversions to integer
// types.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "source/go_syntax.h"

namespace abiscope::source {

class GoConstants {
public:
    // `pointer` is the width of a uintptr in bytes. The files of a package, which outlive this.
    GoConstants(const std::vector<const GoFile*>& files, std::uint32_t pointer);

    // Of an expression in `file`. Nothing for what is no such expression, does not fit 64 bits, or goes in a circle.
    [[nodiscard]] std::optional<std::int64_t> value(const GoFile& file, const GoExpression& expression) const;

private:
    friend class GoEvaluator;

    std::uint32_t pointer_;
    std::map<std::string_view, std::pair<const GoFile*, const GoConstant*>> by_name_;
};

}  // namespace abiscope::source
