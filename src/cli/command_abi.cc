#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "abi/profile_catalogue.h"
#include "base/text.h"
#include "cli/commands.h"

namespace abiscope::cli {

namespace {

struct List {
    CommonOptions common;
    std::string pattern;
    bool names = false;
};

// The compilers of an ABI, as they stand behind its name: "clang-19 gcc-12".
std::vector<std::string> compilers_of(const std::string& abi, const std::vector<std::string>& profiles) {
    std::vector<std::string> out;
    for (const std::string& name : profiles) {
        if (name.starts_with(abi + "/")) out.push_back(name.substr(abi.size() + 1));
    }
    return out;
}

std::string compilers_text(const abi::Profile& profile, const std::vector<std::string>& compilers) {
    if (profile.compiler == abi::Compiler::go && !compilers.empty()) return fmt::format("{} to {}", compilers.front(), compilers.back());
    std::string out = profile.name.substr(profile.abi.size() + 1) + " (default)";
    for (const std::string& compiler : compilers) {
        if (profile.name != profile.abi + "/" + compiler) out += ", " + compiler;
    }
    return out;
}

Exit list(const List& options) {
    Output output("abi list", options.common);
    std::vector<std::string> profiles = abi::profile_names();
    std::size_t shown = 0;
    for (const std::string& name : abi::abi_names()) {
        if (!options.pattern.empty() && !text::glob_match(options.pattern, name)) continue;
        auto profile = abi::find_profile(name);
        if (!profile) {
            output.error(profile.error());
            continue;
        }
        ++shown;
        std::vector<std::string> compilers = compilers_of(name, profiles);
        std::string title = profile->title.substr(0, profile->title.rfind(", " + profile->name.substr(name.size() + 1)));
        if (options.names) output.text(name + "\n");
        else
            output.text(
                fmt::format("{} {} {}\n", report::padded(name, 14), report::padded(title, 42), compilers_text(*profile, compilers)));
        output.result(
            {{"name", name}, {"title", profile->title}, {"default", profile->name}, {"triple", profile->triple}, {"compilers", compilers}});
    }
    if (shown == 0)
        output.error(
            Error{.code = ErrorCode::bad_usage,
                  .what = fmt::format("no ABI is named like {}; `abiscope abi list` shows them all", text::printable(options.pattern))});
    bool written = output.finish();
    return shown == 0 ? Exit::usage : written ? Exit::yes : Exit::failed;
}

}  // namespace

Run add_abi(OptionTable& table) {
    auto for_list = std::make_shared<List>();
    OptionTable& list_table = table.command("list", "Every ABI and the compilers it is known under");
    list_table.argument(for_list->pattern, "Only those whose name matches (sysv-*)", {.type = "PATTERN"});
    list_table.flag("--names", for_list->names, "Names only, for scripts");
    add_common_options(list_table, for_list->common);
    return [for_list] { return list(*for_list); };
}

}  // namespace abiscope::cli
