// The tables of docs/abi/NAME.md, from the profiles: abi_page_dump ABI. tests/differential/abi_documents.py compares them with the pages.
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "abi/convention.h"
#include "abi/profile_catalogue.h"

namespace {

using namespace abiscope::abi;

struct Named {
    Scalar scalar;
    const char* name;
};
constexpr auto scalars = std::to_array<Named>({{Scalar::boolean, "`_Bool`"},
                                               {Scalar::character, "`char`"},
                                               {Scalar::short_, "`short`"},
                                               {Scalar::int_, "`int`"},
                                               {Scalar::long_, "`long`"},
                                               {Scalar::long_long, "`long long`"},
                                               {Scalar::int128, "`__int128`"},
                                               {Scalar::half, "`_Float16`"},
                                               {Scalar::bfloat16, "`__bf16`"},
                                               {Scalar::float_, "`float`"},
                                               {Scalar::double_, "`double`"},
                                               {Scalar::long_double, "`long double`"},
                                               {Scalar::float128, "`__float128`"},
                                               {Scalar::wide_character, "`wchar_t`"}});

std::vector<Profile> profiles_of(std::string_view abi) {
    std::vector<Profile> out;
    for (const std::string& name : profile_names()) {
        auto profile = find_profile(name);
        if (profile && profile->abi == abi) out.push_back(*profile);
    }
    return out;
}

std::string short_name(const Profile& profile) { return profile.name.substr(profile.abi.size() + 1); }

void table(const std::vector<std::string>& heads, const std::vector<std::vector<std::string>>& rows) {
    fmt::print("| {} |\n|{}\n", fmt::join(heads, " | "), [&] {
        std::string out;
        for (std::size_t i = 0; i < heads.size(); ++i) out += "---|";
        return out;
    }());
    for (const auto& row : rows) fmt::print("| {} |\n", fmt::join(row, " | "));
    fmt::print("\n");
}

std::string shown(const ScalarRule& rule) {
    if (rule.size == 0) return "none";
    std::string member = rule.in_record != rule.alignment ? fmt::format(", {} as a member", rule.in_record) : "";
    return fmt::format("{}/{}{}", rule.size, rule.alignment, member);
}

void print_sizes(const std::vector<Profile>& profiles) {
    fmt::print("### Sizes and alignments in bytes\n\n");
    std::vector<std::string> heads{"type"};
    for (const Profile& profile : profiles) heads.push_back(short_name(profile));
    std::vector<std::vector<std::string>> rows;
    for (const Named& named : scalars) {
        std::vector<std::string> row{named.name};
        for (const Profile& profile : profiles) row.push_back(shown(profile.scalar(named.scalar)));
        rows.push_back(row);
    }
    auto add = [&](const std::string& what, auto&& cell) {
        std::vector<std::string> row{what};
        for (const Profile& profile : profiles) row.push_back(cell(profile));
        rows.push_back(row);
    };
    add("pointer", [](const Profile& p) { return fmt::format("{0}/{0}", p.pointer); });
    add("plain `char` is", [](const Profile& p) { return p.char_is_signed ? "signed" : "unsigned"; });
    add("`struct {}` of C", [](const Profile& p) {
        return p.layout.empty_struct_size ? fmt::format("{} bytes", *p.layout.empty_struct_size) : std::string("refused");
    });
    add("widest `_BitInt`", [](const Profile& p) {
        return p.layout.bit_int_widest == 0 ? std::string("none") : fmt::format("{} bits", p.layout.bit_int_widest);
    });
    add("bit-fields", [](const Profile& p) {
        bool microsoft = p.layout.microsoft_bit_fields || p.layout.placement == Placement::microsoft;
        return microsoft ? "Microsoft's" : "System V";
    });
    add("an unnamed bit-field aligns its struct", [](const Profile& p) { return p.layout.unnamed_bit_fields_align ? "yes" : "no"; });
    table(heads, rows);
}

void print_sources(const std::vector<Profile>& profiles) {
    fmt::print("### Where the figures come from\n\n");
    // document -> figure -> profiles
    std::map<std::string, std::map<std::string, std::vector<std::string>>> documents;
    for (const Profile& profile : profiles) {
        for (const auto& [figure, source] : profile.sources) documents[source][figure].push_back(short_name(profile));
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& [document, figures] : documents) {
        std::vector<std::string> names;
        std::set<std::string> whose;
        for (const auto& [figure, of] : figures) {
            names.push_back("`" + figure + "`");
            whose.insert(of.begin(), of.end());
        }
        rows.push_back({document, fmt::format("{}", fmt::join(names, ", ")),
                        whose.size() == profiles.size() ? "all" : fmt::format("{}", fmt::join(whose, ", "))});
    }
    table({"document", "figures", "profiles"}, rows);
}

std::string list(const std::vector<std::string>& names) { return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")); }

void print_convention(Convention convention, std::string_view architecture) {
    auto found = convention_data(convention, architecture);
    if (!found) {
        fmt::print("{}\n", found.error().describe());
        return;
    }
    const ConventionData& data = **found;
    fmt::print("### Calls: {}\n\n", data.title);
    std::vector<std::vector<std::string>> rows{{"document", data.source},
                                               {"integer arguments", list(data.general)},
                                               {"floating-point and vector arguments", list(data.vector)},
                                               {"integer results", list(data.general_results)},
                                               {"floating-point and vector results", list(data.vector_results)}};
    if (!data.x87_results.empty()) rows.push_back({"x87 results", list(data.x87_results)});
    rows.push_back({"place of a result in memory", data.result_pointer.empty() ? "as the first argument" : data.result_pointer});
    rows.push_back({"slot on the stack", fmt::format("{} bytes", data.slot)});
    rows.push_back({"stack at the call", fmt::format("aligned to {}", data.stack_alignment)});
    rows.push_back({"shadow space", fmt::format("{} bytes", data.shadow_space)});
    rows.push_back({"red zone", fmt::format("{} bytes", data.red_zone)});
    if (data.linkage != 0) rows.push_back({"below the first argument", fmt::format("{} bytes", data.linkage)});
    rows.push_back({"the arguments are popped by", data.callee_pops ? "the callee" : "the caller"});
    rows.push_back({"callee-saved", list(data.callee_saved)});
    for (const ConventionNote& note : data.notes) rows.push_back({"note", fmt::format("{} ({})", note.what, note.rule)});
    table({"what", ""}, rows);
}

std::vector<Convention> conventions_of(const Profile& profile) {
    switch (profile.convention) {
        case Convention::win64: return {Convention::win64, Convention::vectorcall64};
        case Convention::sysv_i386: return {Convention::sysv_i386, Convention::stdcall, Convention::fastcall, Convention::thiscall};
        case Convention::cdecl32:
            return {Convention::cdecl32, Convention::stdcall, Convention::fastcall, Convention::thiscall, Convention::vectorcall32};
        default: return {profile.convention};
    }
}

void print_go() {
    fmt::print("### Sizes and alignments in bytes\n\n");
    constexpr std::string_view prefix = "go-";
    std::vector<std::vector<std::string>> rows, registers;
    for (const std::string& abi : abi_names()) {
        if (!abi.starts_with(prefix)) continue;
        Profile newest = *find_profile(abi);
        std::string architecture = abi.substr(prefix.size());
        rows.push_back({architecture, fmt::format("{}", newest.pointer), shown(newest.scalar(Scalar::long_long)),
                        shown(newest.scalar(Scalar::double_)), newest.order == ByteOrder::big ? "big" : "little"});
        std::string since = "never";
        std::vector<Profile> releases = profiles_of(abi);
        std::ranges::sort(releases, {}, &Profile::version);
        for (const Profile& release : releases) {
            if (release.convention != Convention::go_register) continue;
            since = short_name(release);
            break;
        }
        auto data = convention_data(newest.convention, architecture);
        bool in_registers = newest.convention == Convention::go_register && data;
        registers.push_back(
            {architecture, since, in_registers ? list((*data)->general) : "none", in_registers ? list((*data)->vector) : "none"});
    }
    table({"GOARCH", "int, uintptr, pointer", "int64", "float64", "byte order"}, rows);
    fmt::print("### Calls: registers of ABIInternal, for arguments and results\n\n");
    table({"GOARCH", "since", "integer", "floating point"}, registers);
    fmt::print("### The heap\n\n");
    rows.clear();
    std::vector<Profile> releases = profiles_of("go-amd64");
    std::ranges::sort(releases, {}, &Profile::version);
    std::string last;
    for (const Profile& release : releases) {
        std::vector<std::string> row{fmt::format("{}", release.go.classes.size()), fmt::format("{}", release.go.header),
                                     fmt::format("{}", release.go.inline_marks)};
        std::string now = fmt::format("{}", fmt::join(row, " "));
        if (now == last) continue;
        last = now;
        row.insert(row.begin(), short_name(release));
        rows.push_back(row);
    }
    table({"since", "size classes", "bytes of a header", "bytes of mark bits in a span"}, rows);
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        fmt::print(stderr, "usage: abi_page_dump ABI|go\n");
        return 2;
    }
    std::string abi = arguments[1];
    if (abi == "go") {
        print_go();
        return 0;
    }
    std::vector<Profile> profiles = profiles_of(abi);
    if (profiles.empty()) {
        fmt::print(stderr, "no profile of {}\n", abi);
        return 4;
    }
    print_sizes(profiles);
    for (Convention convention : conventions_of(profiles.front())) print_convention(convention, "");
    print_sources(profiles);
    return 0;
}
