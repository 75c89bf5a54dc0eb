#include "rules/go_value.h"

#include <bit>

#include <fmt/format.h>

#include "base/text.h"

namespace abiscope::rules {

namespace {

constexpr std::uint64_t most_text = 4096;

std::optional<std::string> number_text(const golang::Memory& memory, std::uint64_t place, golang::Kind kind);

// The real part, and the imaginary part behind it.
std::optional<std::string> complex_text(const golang::Memory& memory, std::uint64_t place, golang::Kind kind) {
    bool small = kind == golang::Kind::complex64;
    golang::Kind part = small ? golang::Kind::float32 : golang::Kind::float64;
    auto real = number_text(memory, place, part), imaginary = number_text(memory, place + (small ? 4 : 8), part);
    if (!real || !imaginary) return std::nullopt;
    bool has_sign = imaginary->starts_with('-');
    return fmt::format("{}{}{}i", *real, has_sign ? "" : "+", *imaginary);
}

std::optional<std::string> number_text(const golang::Memory& memory, std::uint64_t place, golang::Kind kind) {
    using golang::Kind;
    auto signed_text = [](auto value) -> std::optional<std::string> {
        if (!value) return std::nullopt;
        return fmt::format("{}", *value);
    };
    bool wide = memory.word() == 8;
    switch (kind) {
        case Kind::bool_:
            if (auto value = memory.integer<std::uint8_t>(place)) return *value != 0 ? "true" : "false";
            return std::nullopt;
        case Kind::int8: return signed_text(memory.integer<std::int8_t>(place));
        case Kind::int16: return signed_text(memory.integer<std::int16_t>(place));
        case Kind::int32: return signed_text(memory.integer<std::int32_t>(place));
        case Kind::int64: return signed_text(memory.integer<std::int64_t>(place));
        case Kind::int_: return wide ? signed_text(memory.integer<std::int64_t>(place)) : signed_text(memory.integer<std::int32_t>(place));
        case Kind::uint8: return signed_text(memory.integer<std::uint8_t>(place));
        case Kind::uint16: return signed_text(memory.integer<std::uint16_t>(place));
        case Kind::uint32: return signed_text(memory.integer<std::uint32_t>(place));
        case Kind::uint64: return signed_text(memory.integer<std::uint64_t>(place));
        case Kind::uint:
        case Kind::uintptr: return signed_text(memory.pointer(place));
        case Kind::float32:
            if (auto value = memory.integer<std::uint32_t>(place)) return fmt::format("{}", std::bit_cast<float>(*value));
            return std::nullopt;
        case Kind::float64:
            if (auto value = memory.integer<std::uint64_t>(place)) return fmt::format("{}", std::bit_cast<double>(*value));
            return std::nullopt;
        case Kind::complex64:
        case Kind::complex128: return complex_text(memory, place, kind);
        default: return std::nullopt;
    }
}

}  // namespace

std::optional<GoValue> go_interface_value(const core::GoProcess& go, std::uint64_t place) {
    const golang::Memory& memory = go.program().memory();
    auto type = memory.pointer(place), data = memory.pointer(place + memory.word());
    if (!type || !data) return std::nullopt;
    if (*type == 0) return GoValue{.type = {}, .text = "nil"};
    for (const golang::FoundModule& module : go.program().modules()) {
        if (!module.module.types.contains(*type)) continue;
        auto read = go.program().types(module).read(*type);
        if (!read) return std::nullopt;
        GoValue out{.type = std::string(read->text), .text = {}};
        if (read->kind == golang::Kind::string) {
            auto start = memory.pointer(*data), size = memory.pointer(*data + memory.word());
            if (!start || !size) return std::nullopt;
            auto bytes = memory.bytes(*start, std::min(*size, most_text));
            if (!bytes && *size != 0) return std::nullopt;
            out.text = bytes ? std::string(bytes->as_text()) : std::string();
            out.text_address = *start;
            out.text_size = out.text.size();
            return out;
        }
        auto number = number_text(memory, *data, read->kind);
        out.text = number ? *number : text::hex(*data);
        return out;
    }
    return std::nullopt;
}

}  // namespace abiscope::rules
