// Eightbytes and their classes (System V AMD64 psABI 1.0, 3.2.3).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "abi/call_placement.h"

namespace abiscope::abi::sysv_amd64 {

inline constexpr std::string_view classification = "SysV AMD64 psABI 1.0, 3.2.3, Classification";

enum class Class : std::uint8_t { no_class, integer, sse, sse_up, x87, x87_up, complex_x87, memory };
inline constexpr std::array<std::string_view, 8> class_names{"NO_CLASS", "INTEGER", "SSE",         "SSEUP",
                                                             "X87",      "X87UP",   "COMPLEX_X87", "MEMORY"};
constexpr std::string_view name(Class which) { return class_names[static_cast<std::size_t>(which)]; }

inline constexpr std::size_t most_eightbytes = 8;

struct Classified {
    std::array<Class, most_eightbytes> classes{};
    std::size_t count = 0;
    std::vector<Step> steps;

    [[nodiscard]] bool in_memory() const { return count > 0 && classes[0] == Class::memory; }
    [[nodiscard]] bool nothing() const {
        return std::all_of(classes.begin(), classes.begin() + count, [](Class c) { return c == Class::no_class; });
    }
    void memory(std::string why, std::string_view rule) {
        count = std::max<std::size_t>(count, 1);
        classes.fill(Class::memory);
        steps.push_back({std::move(why), std::string(rule)});
    }
    [[nodiscard]] std::string text() const {
        if (in_memory()) return "MEMORY";
        std::string out;
        for (std::size_t i = 0; i < count; ++i) out += fmt::format("{}{}", i == 0 ? "" : "+", name(classes[i]));
        return out.empty() ? "NO_CLASS" : out;
    }
};

// Of the values of one call.
class Classifier {
public:
    explicit Classifier(const CallPlacement& placement) : placement_(placement) {}

    // 0 to 64 bytes of vector registers, by the instruction sets that are on.
    [[nodiscard]] std::uint64_t widest_vector() const {
        return placement_.has_switch("-mavx512f") ? 64 : placement_.has_switch("-mavx") ? 32 : 16;
    }
    // Bytes of the widest vector that had no register for want of instructions; 0: none had.
    [[nodiscard]] std::uint64_t lacks() const { return lacks_; }

    [[nodiscard]] Result<Classified> classify(const Value& value, bool variadic, bool is_result = false) const;

private:
    const CallPlacement& placement_;
    mutable std::uint64_t lacks_ = 0;
};

}  // namespace abiscope::abi::sysv_amd64
