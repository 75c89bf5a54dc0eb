// Types in the small textual form that the generators of the differential tests write beside the C, C++ or Go text, so that no compiler's
// parser and none of ours stands between the two sides. One declaration a line, in the order of use:
//
//   alias NAME TYPE [align=N]
//   enum NAME LEAST GREATEST [fixed=TYPE] [align=N] [packed] [scoped] [cxx]
//   struct|class|union NAME c|cxx|go [align=N] [pack=N] [packed] [style=gnu|ms] [empty_bases] [trivial_abi]
//     base TYPE [virtual]
//     field NAME|- TYPE [bits=N] [align=N] [packed] [nua] [mnua] [init] [private|protected]
//     special WHICH HOW           default_constructor copy_constructor ... destructor; defaulted deleted user_provided
//     constructor                 another one
//     virtual SIGNATURE [pure]
//   end
//
// TYPE: a name, or int, ulong, ptr, array(N,T), flexible(T), vector(N,T), complex(T), atomic(T), bitint(N), ubitint(N), const(T), ref,
// data_member(CLASS), function_member(CLASS), and Go's string, slice, interface, map, chan, func, uintptr, int64...
#pragma once

#include <charconv>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "abi/type.h"
#include "base/text.h"

namespace abiscope::test {

class TypeText {
public:
    // Throws std::runtime_error for text the generator should not have written.
    explicit TypeText(std::string_view text) {
        for (std::string_view line : text::split(text, "\n")) read_line(line);
    }

    abi::TypeTable table;
    std::vector<std::pair<std::string, abi::TypeId>> named;   // records, enumerations and aliases, in order

    abi::TypeId type(std::string_view text) {
        if (auto known = known_.find(std::string(text)); known != known_.end()) return known->second;
        abi::TypeId made = make(text);
        known_.emplace(text, made);
        return made;
    }

private:
    using Words = std::vector<std::string_view>;

    static std::uint64_t number(std::string_view text) {
        std::uint64_t value = 0;
        auto done = std::from_chars(text.data(), text.data() + text.size(), value);
        if (done.ec != std::errc() || done.ptr != text.data() + text.size()) throw std::runtime_error("not a number: " + std::string(text));
        return value;
    }

    static bool has(const Words& words, std::string_view flag) {
        for (std::string_view word : words) {
            if (word == flag) return true;
        }
        return false;
    }

    static std::string_view value(const Words& words, std::string_view key) {
        for (std::string_view word : words) {
            if (word.starts_with(key) && word.size() > key.size() && word[key.size()] == '=') return word.substr(key.size() + 1);
        }
        return {};
    }

    static std::uint32_t count(const Words& words, std::string_view key) {
        std::string_view text = value(words, key);
        return text.empty() ? 0 : static_cast<std::uint32_t>(number(text));
    }

    abi::TypeId scalar(std::string_view name, abi::Scalar which, std::uint32_t bits = 0) {
        return table.add({.kind = abi::Kind::scalar, .scalar = which, .name = std::string(name), .bits = bits});
    }

    abi::TypeId make(std::string_view text) {
        static const std::map<std::string_view, abi::Scalar> scalars{{"bool", abi::Scalar::boolean},
                                                                     {"char", abi::Scalar::character},
                                                                     {"schar", abi::Scalar::signed_char},
                                                                     {"uchar", abi::Scalar::unsigned_char},
                                                                     {"wchar", abi::Scalar::wide_character},
                                                                     {"char8", abi::Scalar::char8},
                                                                     {"char16", abi::Scalar::char16},
                                                                     {"char32", abi::Scalar::char32},
                                                                     {"short", abi::Scalar::short_},
                                                                     {"ushort", abi::Scalar::unsigned_short},
                                                                     {"int", abi::Scalar::int_},
                                                                     {"uint", abi::Scalar::unsigned_int},
                                                                     {"long", abi::Scalar::long_},
                                                                     {"ulong", abi::Scalar::unsigned_long},
                                                                     {"llong", abi::Scalar::long_long},
                                                                     {"ullong", abi::Scalar::unsigned_long_long},
                                                                     {"int128", abi::Scalar::int128},
                                                                     {"uint128", abi::Scalar::unsigned_int128},
                                                                     {"half", abi::Scalar::half},
                                                                     {"bfloat16", abi::Scalar::bfloat16},
                                                                     {"float", abi::Scalar::float_},
                                                                     {"double", abi::Scalar::double_},
                                                                     {"ldouble", abi::Scalar::long_double},
                                                                     {"float128", abi::Scalar::float128},
                                                                     {"nullptr", abi::Scalar::null_pointer},
                                                                     {"word", abi::Scalar::word},
                                                                     {"uintptr", abi::Scalar::unsigned_word}};
        static const std::map<std::string_view, std::uint32_t> fixed{{"int8", 8}, {"int16", 16}, {"int32", 32}, {"int64", 64}};
        static const std::map<std::string_view, abi::Kind> plain{
            {"ptr", abi::Kind::pointer},     {"ref", abi::Kind::reference},          {"string", abi::Kind::go_string},
            {"slice", abi::Kind::go_slice},  {"interface", abi::Kind::go_interface}, {"map", abi::Kind::go_map},
            {"chan", abi::Kind::go_channel}, {"func", abi::Kind::go_function}};
        if (auto at = scalars.find(text); at != scalars.end()) return scalar(text, at->second);
        if (auto at = fixed.find(text); at != fixed.end()) return scalar(text, abi::Scalar::fixed_signed, at->second);
        if (auto at = plain.find(text); at != plain.end()) return table.add({.kind = at->second});
        std::size_t open = text.find('(');
        if (open == std::string_view::npos || !text.ends_with(')')) throw std::runtime_error("no such type: " + std::string(text));
        std::string_view head = text.substr(0, open);
        std::string_view inside = text.substr(open + 1, text.size() - open - 2);
        std::size_t comma = inside.find(',');
        auto counted = [&](abi::Kind kind) {
            std::uint64_t elements = number(inside.substr(0, comma));
            abi::TypeId element = type(inside.substr(comma + 1));
            return table.add({.kind = kind, .target = element, .count = elements});
        };
        auto wrapping = [&](abi::Kind kind) {
            abi::TypeId target = type(inside);
            return table.add({.kind = kind, .target = target});
        };
        if (head == "array") return counted(abi::Kind::array);
        if (head == "vector") return counted(abi::Kind::vector);
        if (head == "flexible") return wrapping(abi::Kind::array);
        if (head == "complex") return wrapping(abi::Kind::complex);
        if (head == "atomic") return wrapping(abi::Kind::atomic);
        if (head == "const") return table.add({.kind = abi::Kind::qualified, .target = type(inside), .is_const = true});
        if (head == "bitint") return scalar(text, abi::Scalar::bit_int, static_cast<std::uint32_t>(number(inside)));
        if (head == "ubitint") return scalar(text, abi::Scalar::unsigned_bit_int, static_cast<std::uint32_t>(number(inside)));
        bool data = head == "data_member";
        if (!data && head != "function_member") throw std::runtime_error("no such type: " + std::string(text));
        abi::TypeId owner = type(inside);
        return table.add({.kind = data ? abi::Kind::member_data_pointer : abi::Kind::member_function_pointer, .owner = owner});
    }

    void declare(std::string_view name, abi::TypeId id) {
        known_[std::string(name)] = id;
        named.emplace_back(name, id);
    }

    void read_line(std::string_view line) {
        Words words;
        for (std::string_view word : text::split(line, " ")) {
            if (!word.empty()) words.push_back(word);
        }
        if (words.empty()) return;
        if (words[0] == "alias") {
            abi::TypeId target = type(words.at(2));
            declare(
                words[1],
                table.add({.kind = abi::Kind::alias, .name = std::string(words[1]), .target = target, .alignment = count(words, "align")}));
        } else if (words[0] == "enum") {
            abi::Type made{.kind = abi::Kind::enumeration, .name = std::string(words.at(1)), .alignment = count(words, "align")};
            abi::Enumeration enumeration{.packed = has(words, "packed"), .greatest = number(words.at(3))};
            enumeration.scoped = has(words, "scoped");
            if (has(words, "cxx")) made.language = abi::Language::cxx;
            bool negative = words[2].starts_with('-');
            auto least = static_cast<std::int64_t>(number(negative ? words[2].substr(1) : words[2]));
            enumeration.least = negative ? -least : least;
            if (std::string_view fixed = value(words, "fixed"); !fixed.empty()) {
                enumeration.fixed = true;
                made.target = type(fixed);
            }
            declare(words[1], table.add(std::move(made), enumeration));
        } else if (words[0] == "struct" || words[0] == "class" || words[0] == "union") {
            start_record(words);
        } else if (words[0] == "end") {
            declare(type_.name, table.add(type_, std::move(record_)));
        } else {
            read_part(words);
        }
    }

    void start_record(const Words& words) {
        record_ = {};
        record_.kind = words[0] == "union" ? abi::RecordKind::union_
            : words[0] == "class"          ? abi::RecordKind::class_
                                           : abi::RecordKind::structure;
        type_ = {.kind = abi::Kind::record, .name = std::string(words.at(1)), .alignment = count(words, "align")};
        std::string_view language = words.at(2);
        type_.language = language == "cxx" ? abi::Language::cxx : language == "go" ? abi::Language::go : abi::Language::c;
        record_.pack = count(words, "pack");
        record_.packed = has(words, "packed");
        record_.empty_bases = has(words, "empty_bases");
        record_.trivial_abi = has(words, "trivial_abi");
        if (std::string_view style = value(words, "style"); !style.empty()) {
            record_.bit_fields = style == "ms" ? abi::BitFieldStyle::microsoft : abi::BitFieldStyle::gnu;
        }
    }

    void read_part(const Words& words) {
        if (words[0] == "base") {
            record_.bases.push_back({.type = type(words.at(1)), .is_virtual = has(words, "virtual")});
        } else if (words[0] == "field") {
            abi::Field field{.name = words.at(1) == "-" ? std::string() : std::string(words[1]),
                             .type = type(words.at(2)),
                             .alignment = count(words, "align")};
            if (std::string_view bits = value(words, "bits"); !bits.empty()) field.bit_width = static_cast<std::uint32_t>(number(bits));
            field.packed = has(words, "packed");
            field.no_unique_address = has(words, "nua");
            field.msvc_no_unique_address = has(words, "mnua");
            field.has_initializer = has(words, "init");
            if (has(words, "private")) field.access = abi::Access::private_;
            if (has(words, "protected")) field.access = abi::Access::protected_;
            record_.fields.push_back(std::move(field));
        } else if (words[0] == "special") {
            auto declared = words.at(2) == "defaulted" ? abi::Declared::defaulted
                : words[2] == "deleted"                ? abi::Declared::deleted
                                                       : abi::Declared::user_provided;
            special(words.at(1)) = declared;
        } else if (words[0] == "constructor") {
            record_.special.other_constructor = true;
        } else if (words[0] == "ineligible") {
            record_.special.ineligible_user_provided = true;
        } else if (words[0] == "virtual") {
            record_.virtual_functions.push_back({.signature = std::string(words.at(1)), .pure = has(words, "pure")});
        } else {
            throw std::runtime_error("no such line: " + std::string(words[0]));
        }
    }

    abi::Declared& special(std::string_view name) {
        if (name == "default_constructor") return record_.special.default_constructor;
        if (name == "copy_constructor") return record_.special.copy_constructor;
        if (name == "move_constructor") return record_.special.move_constructor;
        if (name == "copy_assignment") return record_.special.copy_assignment;
        if (name == "move_assignment") return record_.special.move_assignment;
        return record_.special.destructor;
    }

    std::map<std::string, abi::TypeId> known_;
    abi::Type type_;
    abi::Record record_;
};

}  // namespace abiscope::test
