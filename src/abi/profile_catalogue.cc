#include "abi/profile_catalogue.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "abi/data_files.h"
#include "abi/profile_figures.h"
#include "base/text.h"

namespace abiscope::abi {

namespace {

struct Catalogue {
    std::map<std::string, std::string, std::less<>> defaults;  // abi -> name of its default profile
    std::map<std::string, Profile, std::less<>> profiles;      // by full name
};

Result<YAML::Node> read_file(std::string_view name) {
    for (const DataFile& file : data_files()) {
        if (file.folder == "abi" && file.name == name) return YAML::Load(std::string(file.text));
    }
    return fail(ErrorCode::internal, fmt::format("data/abi/{}.yaml is named in based_on, but is not there", name));
}

// The figures of `node` after those of the files it is based on. A file that others are based on is based on none itself.
Result<void> apply(const YAML::Node& node, Profile& profile) {
    for (const YAML::Node& base : node["based_on"]) {
        ABISCOPE_TRY(YAML::Node file, read_file(base.as<std::string>()));
        for (const YAML::Node& group : file["figures"]) ABISCOPE_CHECK(apply_figures(group, profile));
    }
    for (const YAML::Node& group : node["figures"]) ABISCOPE_CHECK(apply_figures(group, profile));
    return {};
}

// What follows from the figures.
void complete(Profile& profile) {
    auto set = [&](Scalar which, std::uint32_t size) {
        profile.scalars[static_cast<std::size_t>(which)] = {.size = size, .alignment = size, .in_record = size};
    };
    set(Scalar::word, profile.pointer);
    set(Scalar::unsigned_word, profile.pointer);
    set(Scalar::null_pointer, profile.pointer);
    set(Scalar::signed_char, 1);
    set(Scalar::unsigned_char, 1);
}

// "gcc-12" -> gcc, 12
Result<void> set_compiler(std::string_view name, Profile& profile) {
    std::size_t dash = name.find('-');
    std::string_view family = name.substr(0, dash);
    auto version = dash == std::string_view::npos ? std::nullopt : text::parse_unsigned(name.substr(dash + 1));
    if (!version) return fail(ErrorCode::internal, fmt::format("data/abi/ names a compiler without a version: {}", name));
    profile.version = static_cast<std::uint32_t>(*version);
    if (family == "gcc") {
        profile.compiler = Compiler::gcc;
    } else if (family == "clang") {
        profile.compiler = Compiler::clang;
    } else if (family == "msvc") {
        profile.compiler = Compiler::msvc;
    } else {
        return fail(ErrorCode::internal, fmt::format("data/abi/ names an unknown compiler: {}", name));
    }
    return {};
}

Result<void> add_native(const YAML::Node& file, Catalogue& all) {
    auto abi = file["abi"].as<std::string>();
    for (const auto& entry : file["profiles"]) {
        Profile profile;
        auto compiler = entry.first.as<std::string>();
        profile.abi = abi;
        profile.name = abi + "/" + compiler;
        profile.title = fmt::format("{}, {}", file["title"].as<std::string>(), compiler);
        profile.triple = file["triple"].as<std::string>();
        ABISCOPE_CHECK(set_compiler(compiler, profile));
        ABISCOPE_CHECK(apply(file, profile));
        ABISCOPE_CHECK(apply(entry.second, profile));
        complete(profile);
        std::string name = profile.name;
        all.profiles.emplace(std::move(name), std::move(profile));
    }
    all.defaults[abi] = abi + "/" + file["default"].as<std::string>();
    return {};
}

// "1.26" -> 126
std::uint32_t release_number(const std::string& text) {
    std::size_t dot = text.find('.');
    auto minor = dot == std::string::npos ? std::nullopt : text::parse_unsigned(std::string_view(text).substr(dot + 1));
    return 100 + static_cast<std::uint32_t>(minor.value_or(0));
}

// Figures that changed from a release on.
struct GoChange {
    std::uint32_t since = 0;
    YAML::Node figures;
};

Result<void> add_go_architecture(const YAML::Node& go, const std::vector<GoChange>& changes, const std::string& architecture,
                                 std::uint32_t registers_since, Profile profile, Catalogue& all) {
    std::string registers = "go-" + architecture;
    std::string stack = "go0-" + architecture;
    std::size_t applied = 0;
    for (const YAML::Node& release : go["releases"]) {
        auto version = release.as<std::string>();
        profile.version = release_number(version);
        for (; applied < changes.size() && changes[applied].since <= profile.version; ++applied) {
            for (const YAML::Node& group : changes[applied].figures) ABISCOPE_CHECK(apply_figures(group, profile));
        }
        profile.sources["convention"] = "Go, cmd/compile/abi-internal.md";
        for (const std::string& abi : {registers, stack}) {
            profile.abi = abi;
            profile.name = fmt::format("{}/go{}", abi, version);
            profile.title = fmt::format("Go {} on {}, {}", version, architecture, abi == registers ? "ABIInternal" : "ABI0");
            bool in_registers = abi == registers && registers_since != 0 && registers_since <= profile.version;
            profile.convention = in_registers ? Convention::go_register : Convention::go_stack;
            all.profiles.emplace(profile.name, profile);
        }
    }
    for (const std::string& abi : {registers, stack}) all.defaults[abi] = fmt::format("{}/go{}", abi, go["default"].as<std::string>());
    return {};
}

// Two ABIs for each architecture, a profile of each for every release. Releases and changes stand in their order.
Result<void> add_go(const YAML::Node& file, Catalogue& all) {
    const YAML::Node go = file["go"];
    std::vector<GoChange> changes;
    for (const YAML::Node& change : go["changes"])
        changes.push_back({.since = release_number(change["since"].as<std::string>()), .figures = change["figures"]});
    for (const auto& entry : file["architectures"]) {
        Profile common;
        common.compiler = Compiler::go;
        common.triple = entry.second["triple"].as<std::string>();
        ABISCOPE_CHECK(apply(file, common));
        ABISCOPE_CHECK(apply(entry.second, common));
        complete(common);
        const YAML::Node since = entry.second["registers_since"];
        std::uint32_t registers_since = since ? release_number(since.as<std::string>()) : 0;
        ABISCOPE_CHECK(add_go_architecture(go, changes, entry.first.as<std::string>(), registers_since, std::move(common), all));
    }
    return {};
}

// One file, or all of them.
Result<Catalogue> read_catalogue(std::string_view only = {}) {
    Catalogue all;
    try {
        for (const DataFile& file : data_files()) {
            if (file.folder != "abi" || (!only.empty() && file.name != only)) continue;
            YAML::Node node = YAML::Load(std::string(file.text));
            if (node["abi"]) ABISCOPE_CHECK(add_native(node, all));
            if (node["go"]) ABISCOPE_CHECK(add_go(node, all));
        }
    } catch (const YAML::Exception& problem) {
        return fail(ErrorCode::internal, fmt::format("data/abi/ cannot be read: {}", problem.what()));
    }
    return all;
}

const Result<Catalogue>& catalogue() {
    static const Result<Catalogue> all = read_catalogue();
    return all;
}

// The file that holds a profile of that name: files are named like their ABIs, and Go's are in one. All of them for any other name.
const Result<Catalogue>& catalogue_with(std::string_view name) {
    std::string_view abi = name.substr(0, name.find('/'));
    std::string_view wanted = abi.starts_with("go-") || abi.starts_with("go0-") ? "go" : abi;
    bool known = std::ranges::any_of(data_files(), [&](const DataFile& file) { return file.folder == "abi" && file.name == wanted; });
    if (!known) return catalogue();
    static std::mutex guard;
    static std::map<std::string, Result<Catalogue>, std::less<>> read;
    std::scoped_lock lock(guard);
    auto at = read.find(wanted);
    if (at == read.end()) at = read.emplace(std::string(wanted), read_catalogue(wanted)).first;
    return at->second;
}

// "c++20" -> 20
std::optional<std::uint32_t> cxx_standard(std::string_view text) {
    for (std::uint32_t known : {11, 14, 17, 20, 23}) {
        if (text == fmt::format("c++{}", known)) return known;
    }
    return std::nullopt;
}

std::unexpected<Error> unknown_name(std::string_view name, const Catalogue& all) {
    std::vector<std::string_view> candidates;
    candidates.reserve(all.defaults.size() + all.profiles.size());
    for (const auto& [abi, profile] : all.defaults) candidates.emplace_back(abi);
    for (const auto& [full, profile] : all.profiles) candidates.emplace_back(full);
    return fail(Error{.code = ErrorCode::bad_usage,
                      .what = fmt::format("there is no ABI named {}", text::printable(name)),
                      .wanted = std::string(text::nearest(name, candidates).value_or("")),
                      .had = text::printable(name)});
}

}  // namespace

Result<Profile> find_profile(std::string_view name) {
    const Result<Catalogue>& all = catalogue_with(name);
    if (!all) return fail(all.error());
    std::string_view plain = name;
    std::optional<std::uint32_t> standard;
    if (std::size_t slash = name.rfind('/'); slash != std::string_view::npos) {
        standard = cxx_standard(name.substr(slash + 1));
        if (standard) plain = name.substr(0, slash);
    }
    auto by_default = all->defaults.find(plain);
    auto found = all->profiles.find(by_default == all->defaults.end() ? plain : std::string_view(by_default->second));
    if (found == all->profiles.end() || (standard && found->second.class_abi == ClassAbi::none)) {
        if (!catalogue()) return fail(catalogue().error());
        return unknown_name(name, *catalogue());
    }
    Profile profile = found->second;
    if (standard) {
        profile.cxx_standard = *standard;
        profile.name += fmt::format("/c++{}", *standard);
    }
    return profile;
}

std::vector<std::string> abi_names() {
    std::vector<std::string> names;
    if (const auto& all = catalogue()) {
        for (const auto& [abi, profile] : all->defaults) names.push_back(abi);
    }
    return names;
}

std::vector<std::string> profile_names(std::string_view abi) {
    std::vector<std::string> names;
    if (const auto& all = abi.empty() ? catalogue() : catalogue_with(abi)) {
        for (const auto& [name, profile] : all->profiles) {
            if (abi.empty() || profile.abi == abi) names.push_back(name);
        }
    }
    return names;
}

}  // namespace abiscope::abi
