#include "report/go_types_text.h"

#include <fmt/format.h>

#include "base/text.h"
#include "inspect/card.h"

namespace abiscope::report {

namespace {

using inspect::GoFacts;

std::string list(const std::vector<std::uint64_t>& types, bool variadic, const GoFacts& facts) {
    std::string out;
    for (std::size_t i = 0; i < types.size(); ++i) {
        std::string_view text = facts.type_text(types[i]);
        // reflect has the last parameter as a slice.
        bool dots = variadic && i + 1 == types.size() && text.starts_with("[]");
        out += fmt::format("{}{}{}", i == 0 ? "" : ", ", dots ? "..." : "", text::printable(dots ? text.substr(2) : text));
    }
    return out;
}

std::string signature(const golang::Type& type, const GoFacts& facts) {
    std::string out = "func(" + list(type.in, type.variadic, facts) + ")";
    if (type.out.empty()) return out;
    std::string results = list(type.out, false, facts);
    return out + (type.out.size() == 1 ? " " + results : " (" + results + ")");
}

std::string underlying(const golang::Type& type, const GoFacts& facts) {
    std::string element(text::printable(facts.type_text(type.element)));
    switch (type.kind) {
        case golang::Kind::array: return fmt::format("[{}]{}", type.length, element);
        case golang::Kind::chan: return (type.direction == 1 ? "<-chan " : type.direction == 2 ? "chan<- " : "chan ") + element;
        case golang::Kind::func: return signature(type, facts);
        case golang::Kind::map: return fmt::format("map[{}]{}", text::printable(facts.type_text(type.key)), element);
        case golang::Kind::pointer: return "*" + element;
        case golang::Kind::slice: return "[]" + element;
        default: return std::string(golang::to_string(type.kind));
    }
}

std::string fields_text(const golang::Type& type, const GoFacts& facts) {
    std::size_t names = 0, types = 0;
    for (const golang::StructField& field : type.fields) {
        names = std::max(names, field.embedded ? 0 : columns(field.name));
        types = std::max(types, std::min<std::size_t>(40, columns(facts.type_text(field.type))));
    }
    std::string out;
    for (const golang::StructField& field : type.fields) {
        std::string kind(text::printable(facts.type_text(field.type)));
        std::string line = field.embedded ? kind : padded(text::printable(field.name), names) + " " + kind;
        if (!field.tag.empty()) line = padded(line, names + 1 + types) + " `" + text::printable(field.tag) + "`";
        out += fmt::format("  {:>6}  {}\n", field.offset, line);
    }
    return out;
}

std::string methods_text(const golang::Type& type, const GoFacts& facts) {
    std::string out;
    for (const golang::InterfaceMethod& method : type.interface_methods) {
        std::string_view what = facts.type_text(method.type);
        out += fmt::format("          {}{}\n", text::printable(method.name),
                           text::printable(what.starts_with("func") ? what.substr(4) : what));
    }
    for (const golang::Method& method : type.methods) {
        std::string_view what = method.type == 0 ? std::string_view() : facts.type_text(method.type);
        out +=
            fmt::format("  method  {}{}", text::printable(method.name), text::printable(what.starts_with("func") ? what.substr(4) : what));
        out += method.function == 0 ? "  (left out by the linker)\n" : fmt::format("  {:#x}\n", method.function);
    }
    return out;
}

}  // namespace

std::string go_type_text(const golang::Type& type, const GoFacts& facts, const Style& style) {
    std::string out = style.paint(Tone::strong, text::printable(type.text));
    bool described = type.kind == golang::Kind::struct_ || type.kind == golang::Kind::interface;
    if (described) out += fmt::format(" {}", golang::to_string(type.kind));
    else if (type.named) out += " " + underlying(type, facts);
    out += style.paint(Tone::faint,
                       fmt::format("  {}, aligned to {}, pointers in the first {}, at {:#x}", inspect::counted(type.size, "byte"),
                                   type.alignment, type.pointer_bytes, type.address));
    return out + "\n" + fields_text(type, facts) + methods_text(type, facts);
}

}  // namespace abiscope::report
