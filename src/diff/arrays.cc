#include "diff/arrays.h"

#include "base/checked.h"

namespace abiscope::diff {

using abi::Kind;
using abi::TypeId;

Elements elements_of(const abi::TypeTable& types, TypeId id) {
    constexpr unsigned most_dimensions = 32;
    Elements out{.element = types.resolve(id)};
    for (unsigned i = 0; i < most_dimensions && types.contains(out.element) && types.at(out.element).kind == Kind::array; ++i) {
        const abi::Type& array = types.at(out.element);
        out.count = out.count && array.count ? checked_mul<std::uint64_t>(*out.count, *array.count) : std::nullopt;
        out.element = types.resolve(array.target);
    }
    return out;
}

bool is_open_end(const abi::TypeTable& old_types, TypeId old, const abi::TypeTable& new_types, TypeId now) {
    old = old_types.resolve(old);
    now = new_types.resolve(now);
    if (!old_types.contains(old) || !new_types.contains(now)) return false;
    const abi::Type& was = old_types.at(old);
    const abi::Type& is = new_types.at(now);
    if (was.kind != Kind::array || is.kind != Kind::array) return false;
    return (was.count == 1 && is.count.value_or(0) == 0) || (was.count.value_or(0) == 0 && is.count == 1);
}

}  // namespace abiscope::diff
