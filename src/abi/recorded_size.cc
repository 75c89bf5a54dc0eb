#include "abi/recorded_size.h"

namespace abiscope::abi {

std::optional<std::uint64_t> recorded_size(const TypeTable& types, TypeId id) {
    std::uint64_t times = 1;
    for (int steps = 0; steps < 64 && types.contains(id); ++steps) {
        const Type& type = types.at(id);
        if (type.observed.size) {
            std::uint64_t size = 0;
            return __builtin_mul_overflow(*type.observed.size, times, &size) ? std::nullopt : std::optional(size);
        }
        if (type.kind == Kind::array || type.kind == Kind::vector) {
            if (!type.count || __builtin_mul_overflow(times, *type.count, &times)) return std::nullopt;
        } else if (type.kind != Kind::alias && type.kind != Kind::qualified && type.kind != Kind::atomic) {
            return std::nullopt;
        }
        id = type.target;
    }
    return std::nullopt;
}

}  // namespace abiscope::abi
