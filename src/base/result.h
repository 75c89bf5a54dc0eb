// Result<T>: a value, or the Error that says why there is none.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "base/error.h"

namespace abiscope {

template <typename T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string what, std::uint64_t offset = Error::no_offset) {
    return std::unexpected(Error{.code = code, .what = std::move(what), .file = {}, .offset = offset, .wanted = {}, .had = {}});
}

[[nodiscard]] inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

}  // namespace abiscope

#define ABISCOPE_CONCAT_(a, b) a##b
#define ABISCOPE_CONCAT(a, b) ABISCOPE_CONCAT_(a, b)
#define ABISCOPE_TRY_(temporary, target, expression)                       \
    auto temporary = (expression);                                         \
    if (!temporary) return ::abiscope::fail(std::move(temporary).error()); \
    target = *std::move(temporary)

// ABISCOPE_TRY(auto header, read_header(view)); returns the Error to the caller, or goes on with the value.
#define ABISCOPE_TRY(target, expression) ABISCOPE_TRY_(ABISCOPE_CONCAT(abiscope_try_, __LINE__), target, expression)

// The same for Result<void> or a value nobody needs.
#define ABISCOPE_CHECK(expression) \
    if (auto abiscope_check = (expression); !abiscope_check) return ::abiscope::fail(std::move(abiscope_check).error())
