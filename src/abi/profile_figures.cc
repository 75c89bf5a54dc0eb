#include "abi/profile_figures.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "abi/convention.h"

namespace abiscope::abi {

namespace {

struct ScalarName {
    std::string_view name;
    Scalar first;
    Scalar second;  // the unsigned one, or the same again
};

constexpr auto scalar_names = std::to_array<ScalarName>({
    {"bool", Scalar::boolean, Scalar::boolean},
    {"char", Scalar::character, Scalar::character},
    {"wchar_t", Scalar::wide_character, Scalar::wide_character},
    {"char8_t", Scalar::char8, Scalar::char8},
    {"char16_t", Scalar::char16, Scalar::char16},
    {"char32_t", Scalar::char32, Scalar::char32},
    {"short", Scalar::short_, Scalar::unsigned_short},
    {"int", Scalar::int_, Scalar::unsigned_int},
    {"long", Scalar::long_, Scalar::unsigned_long},
    {"long long", Scalar::long_long, Scalar::unsigned_long_long},
    {"__int128", Scalar::int128, Scalar::unsigned_int128},
    {"_Float16", Scalar::half, Scalar::half},
    {"__bf16", Scalar::bfloat16, Scalar::bfloat16},
    {"float", Scalar::float_, Scalar::float_},
    {"double", Scalar::double_, Scalar::double_},
    {"long double", Scalar::long_double, Scalar::long_double},
    {"__float128", Scalar::float128, Scalar::float128},
});

template <typename Enum, std::size_t Count>
Enum named(const YAML::Node& node, const std::array<std::pair<std::string_view, Enum>, Count>& names) {
    auto word = node.as<std::string>();
    for (const auto& [name, value] : names) {
        if (name == word) return value;
    }
    throw YAML::Exception(node.Mark(), "no such value: " + word);
}

Convention convention(const YAML::Node& node) {
    auto found = find_convention(node.as<std::string>());
    if (!found) throw YAML::Exception(node.Mark(), "no such calling convention: " + node.as<std::string>());
    return *found;
}

std::uint32_t number(const YAML::Node& node) { return node.as<std::uint32_t>(); }

// N, [size, alignment] or [size, alignment, alignment in a record].
ScalarRule scalar_rule(const YAML::Node& node) {
    ScalarRule rule;
    if (!node.IsSequence()) {
        rule.size = rule.alignment = rule.in_record = number(node);
        return rule;
    }
    rule.size = number(node[0]);
    rule.alignment = number(node[1]);
    rule.in_record = node.size() > 2 ? number(node[2]) : rule.alignment;
    return rule;
}

void set_scalars(Profile& profile, const YAML::Node& node, const std::string& source) {
    for (const auto& entry : node) {
        auto name = entry.first.as<std::string>();
        const auto* at = std::ranges::find(scalar_names, name, &ScalarName::name);
        if (at == scalar_names.end()) throw YAML::Exception(entry.first.Mark(), "no such scalar: " + name);
        profile.scalars[static_cast<std::size_t>(at->first)] = profile.scalars[static_cast<std::size_t>(at->second)] =
            scalar_rule(entry.second);
        profile.sources[name] = source;
    }
}

constexpr auto class_abis = std::to_array<std::pair<std::string_view, ClassAbi>>({
    {"itanium", ClassAbi::itanium},
    {"microsoft", ClassAbi::microsoft},
    {"none", ClassAbi::none},
});
constexpr auto byte_orders =
    std::to_array<std::pair<std::string_view, ByteOrder>>({{"little", ByteOrder::little}, {"big", ByteOrder::big}});
constexpr auto atomic_rules = std::to_array<std::pair<std::string_view, AtomicRule>>({
    {"power_of_two", AtomicRule::power_of_two},
    {"natural_sizes", AtomicRule::natural_sizes},
});

constexpr auto placements = std::to_array<std::pair<std::string_view, Placement>>({
    {"stor_layout", Placement::stor_layout},
    {"itanium", Placement::itanium},
    {"microsoft", Placement::microsoft},
});
constexpr auto pod_rules = std::to_array<std::pair<std::string_view, PodRule>>({
    {"gnu_cxx03", PodRule::gnu_cxx03},
    {"clang_cxx03", PodRule::clang_cxx03},
    {"cxx11", PodRule::cxx11},
});
constexpr auto packed_members = std::to_array<std::pair<std::string_view, PackedMembers>>({
    {"all", PackedMembers::all},
    {"not_pod", PackedMembers::not_pod},
    {"not_pod_nor_array", PackedMembers::not_pod_nor_array},
});

struct Figure {
    std::string_view name;
    void (*set)(Profile& profile, const YAML::Node& value);
};

using Node = YAML::Node;

constexpr auto figures = std::to_array<Figure>({
    {"pointer", [](Profile& p, const Node& v) { p.pointer = number(v); }},
    {"char_is_signed", [](Profile& p, const Node& v) { p.char_is_signed = v.as<bool>(); }},
    {"order", [](Profile& p, const Node& v) { p.order = named(v, byte_orders); }},
    {"class_abi", [](Profile& p, const Node& v) { p.class_abi = named(v, class_abis); }},
    {"convention", [](Profile& p, const Node& v) { p.convention = convention(v); }},
    {"flags", [](Profile& p, const Node& v) { p.flags = v.as<std::vector<std::string>>(); }},
    {"placement", [](Profile& p, const Node& v) { p.layout.placement = named(v, placements); }},
    {"microsoft_bit_fields", [](Profile& p, const Node& v) { p.layout.microsoft_bit_fields = v.as<bool>(); }},
    {"unnamed_bit_fields_align", [](Profile& p, const Node& v) { p.layout.unnamed_bit_fields_align = v.as<bool>(); }},
    {"biggest_alignment", [](Profile& p, const Node& v) { p.layout.biggest_alignment = number(v); }},
    {"widest_container", [](Profile& p, const Node& v) { p.layout.widest_container = number(v); }},
    {"integer_field_alignment_cap", [](Profile& p, const Node& v) { p.layout.integer_field_alignment_cap = number(v); }},
    {"integer_vectors_look_like_integers", [](Profile& p, const Node& v) { p.layout.integer_vectors_look_like_integers = v.as<bool>(); }},
    {"strict_alignment", [](Profile& p, const Node& v) { p.layout.strict_alignment = v.as<bool>(); }},
    {"pod", [](Profile& p, const Node& v) { p.layout.pod = named(v, pod_rules); }},
    {"packed_members", [](Profile& p, const Node& v) { p.layout.packed_members = named(v, packed_members); }},
    {"empty_classes_align", [](Profile& p, const Node& v) { p.layout.empty_classes_align = v.as<bool>(); }},
    {"no_unique_address_to_data", [](Profile& p, const Node& v) { p.layout.no_unique_address_to_data = v.as<bool>(); }},
    {"nearly_empty_by_size", [](Profile& p, const Node& v) { p.layout.nearly_empty_by_size = v.as<bool>(); }},
    {"vector_alignment_cap", [](Profile& p, const Node& v) { p.layout.vector_alignment_cap = number(v); }},
    {"atomic", [](Profile& p, const Node& v) { p.layout.atomic = named(v, atomic_rules); }},
    {"atomic_promotion_limit", [](Profile& p, const Node& v) { p.layout.atomic_promotion_limit = number(v); }},
    {"bit_int_widest", [](Profile& p, const Node& v) { p.layout.bit_int_widest = number(v); }},
    {"bit_int_alignment_cap", [](Profile& p, const Node& v) { p.layout.bit_int_alignment_cap = number(v); }},
    {"enum_always_int", [](Profile& p, const Node& v) { p.layout.enum_always_int = v.as<bool>(); }},
    {"packed_enum", [](Profile& p, const Node& v) { p.layout.packed_enum = v.as<bool>(); }},
    {"enum_alignment_raises", [](Profile& p, const Node& v) { p.layout.enum_alignment_raises = v.as<bool>(); }},
    {"empty_struct_size",
     [](Profile& p, const Node& v) {
         if (v.as<std::string>() == "none") {
             p.layout.empty_struct_size.reset();
         } else {
             p.layout.empty_struct_size = number(v);
         }
     }},
    {"size_classes",
     [](Profile& p, const Node& v) {
         p.go.classes.clear();
         for (const Node& pair : v) p.go.classes.push_back({pair[0].as<std::uint32_t>(), pair[1].as<std::uint32_t>()});
     }},
    {"allocation_header", [](Profile& p, const Node& v) { p.go.header = number(v); }},
    {"span_inline_marks", [](Profile& p, const Node& v) { p.go.inline_marks = number(v); }},
    {"has_complex", [](Profile& p, const Node& v) { p.layout.has_complex = v.as<bool>(); }},
});

}  // namespace

Result<void> apply_figures(const YAML::Node& group, Profile& profile) {
    try {
        auto source = group["source"].as<std::string>();
        for (const auto& entry : group) {
            auto name = entry.first.as<std::string>();
            if (name == "source") continue;
            if (name == "scalars") {
                set_scalars(profile, entry.second, source);
                continue;
            }
            if (name == "rules") {
                for (const auto& rule : entry.second) profile.sources["rule." + rule.as<std::string>()] = source;
                continue;
            }
            const auto* at = std::ranges::find(figures, name, &Figure::name);
            if (at == figures.end()) return fail(ErrorCode::internal, fmt::format("data/abi/ has an unknown figure: {}", name));
            at->set(profile, entry.second);
            profile.sources[name] = source;
        }
    } catch (const YAML::Exception& problem) {
        return fail(ErrorCode::internal, fmt::format("data/abi/ cannot be read: {}", problem.what()));
    }
    return {};
}

}  // namespace abiscope::abi
