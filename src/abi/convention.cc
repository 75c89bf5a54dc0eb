#include "abi/convention.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "abi/data_files.h"

namespace abiscope::abi {

namespace {

using Catalogue = std::map<std::string, ConventionData, std::less<>>;

constexpr std::array<std::pair<Convention, std::string_view>, 17> names{{
    {Convention::sysv_amd64, "sysv-amd64"},
    {Convention::win64, "win64"},
    {Convention::vectorcall64, "vectorcall64"},
    {Convention::sysv_i386, "sysv-i386"},
    {Convention::cdecl32, "cdecl32"},
    {Convention::stdcall, "stdcall"},
    {Convention::fastcall, "fastcall"},
    {Convention::thiscall, "thiscall"},
    {Convention::vectorcall32, "vectorcall32"},
    {Convention::aapcs64, "aapcs64"},
    {Convention::apple_arm64, "apple-arm64"},
    {Convention::win_arm64, "win-arm64"},
    {Convention::aapcs32_base, "aapcs32-base"},
    {Convention::aapcs32_vfp, "aapcs32-vfp"},
    {Convention::lp64d, "lp64d"},
    {Convention::go_stack, "go-stack"},
    {Convention::go_register, "go-register"},
}};

std::vector<std::string> strings(const YAML::Node& node) { return node ? node.as<std::vector<std::string>>() : std::vector<std::string>{}; }

ConventionData read(std::string_view text) {
    YAML::Node root = YAML::Load(std::string(text));
    ConventionData data;
    data.title = root["title"].as<std::string>();
    data.source = root["source"].as<std::string>();
    if (auto arguments = root["arguments"]) {
        data.general = strings(arguments["general"]);
        data.vector = strings(arguments["vector"]);
        data.result_pointer = arguments["result_pointer"].as<std::string>("");
    }
    if (auto results = root["results"]) {
        data.general_results = strings(results["general"]);
        data.vector_results = strings(results["vector"]);
        data.x87_results = strings(results["x87"]);
    }
    data.slot = root["slot"].as<std::uint32_t>();
    data.linkage = root["linkage"].as<std::uint32_t>(0);
    data.stack_alignment = root["stack_alignment"].as<std::uint32_t>();
    data.red_zone = root["red_zone"].as<std::uint32_t>(0);
    data.shadow_space = root["shadow_space"].as<std::uint32_t>(0);
    data.callee_pops = root["callee_pops"].as<bool>(false);
    data.callee_saved = strings(root["callee_saved"]);
    for (const auto& note : root["notes"]) data.notes.push_back({note["what"].as<std::string>(), note["rule"].as<std::string>()});
    return data;
}

// The files are compiled in and tested: an exception means that this build is broken, and ends as an Error of every call.
Result<Catalogue> read_all() {
    Catalogue all;
    for (const DataFile& file : data_files()) {
        if (file.folder != "conventions") continue;
        try {
            all.emplace(file.name, read(file.text));
        } catch (const YAML::Exception& problem) {
            return fail(ErrorCode::internal, fmt::format("data/conventions/{}.yaml: {}", file.name, problem.what()));
        }
    }
    return all;
}

}  // namespace

std::string_view to_string(Convention convention) {
    for (const auto& [value, name] : names) {
        if (value == convention) return name;
    }
    return "unknown";
}

std::optional<Convention> find_convention(std::string_view name) {
    const auto* at = std::ranges::find(names, name, &std::pair<Convention, std::string_view>::second);
    return at == names.end() ? std::nullopt : std::optional(at->first);
}

std::string_view processor(const Profile& profile) {
    std::string_view name = profile.compiler == Compiler::go ? profile.abi : profile.triple;
    std::size_t dash = name.find('-');
    return profile.compiler == Compiler::go ? name.substr(dash + 1) : name.substr(0, dash);
}

Result<const ConventionData*> convention_data(Convention convention, std::string_view architecture) {
    static const Result<Catalogue> all = read_all();
    if (!all) return fail(all.error());
    bool is_go = convention == Convention::go_stack || convention == Convention::go_register;
    std::string name = is_go ? fmt::format("go-{}", architecture) : std::string(to_string(convention));
    auto found = all->find(name);
    if (found == all->end()) return fail(ErrorCode::unsupported, fmt::format("no calling convention is known by the name {}", name));
    return &found->second;
}

}  // namespace abiscope::abi
