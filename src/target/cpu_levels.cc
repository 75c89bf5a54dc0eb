#include "target/cpu_levels.h"

#include <algorithm>
#include <iterator>

#include <yaml-cpp/yaml.h>

#include "base/text.h"
#include "target/data_files.h"

namespace abiscope::target {

namespace {

// Each level adds to the one before it. System V ABI for AMD64, "Micro-Architecture Levels"; names as in /proc/cpuinfo (abm holds LZCNT,
// pni is SSE3, xsave stands for OSXSAVE: Linux shows it only when it uses it).
struct Level {
    std::string_view name;
    std::string_view below;
    std::string_view features;
};
constexpr Level levels[] = {
    {"i586", "", "fpu tsc msr cx8"},
    {"i686", "i586", "cmov"},
    {"x86-64-v1", "i686", "mmx fxsr sse sse2 syscall lm"},
    {"x86-64-v2", "x86-64-v1", "cx16 lahf_lm popcnt pni ssse3 sse4_1 sse4_2"},
    {"x86-64-v3", "x86-64-v2", "xsave avx avx2 bmi1 bmi2 f16c fma abm movbe"},
    {"x86-64-v4", "x86-64-v3", "avx512f avx512bw avx512cd avx512dq avx512vl"},
    {"armv8.0-a", "", "fp asimd"},
};

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (std::string_view word : text::split(text, " \n")) {
        if (!word.empty()) words.emplace_back(word);
    }
    return words;
}

const Level* find_level(std::string_view name) {
    std::string full = name.size() == 2 && name[0] == 'v' ? "x86-64-" + std::string(name) : std::string(name);
    const auto* at = std::ranges::find(levels, full, &Level::name);
    return at == std::end(levels) ? nullptr : at;
}

std::vector<std::string> features_of(const Level& level) {
    std::vector<std::string> all = level.below.empty() ? std::vector<std::string>() : features_of(*find_level(level.below));
    for (std::string& word : words_of(level.features)) all.push_back(std::move(word));
    return all;
}

struct Model {
    std::string name;
    std::string vendor;
    std::vector<std::string> features;
};

const std::vector<Model>& models() {
    static const std::vector<Model> known = [] {
        std::vector<Model> list;
        for (const DataFile& file : data_files()) {
            if (file.folder != "cpus") continue;
            for (const auto& entry : YAML::Load(std::string(file.text))["models"]) {
                list.push_back(
                    {entry["name"].as<std::string>(), entry["vendor"].as<std::string>(), words_of(entry["features"].as<std::string>())});
            }
        }
        return list;
    }();
    return known;
}

}  // namespace

std::optional<Cpu> find_cpu(std::string_view name) {
    std::string wanted = text::lower(name);
    if (const Level* level = find_level(wanted))
        return Cpu{.name = std::string(level->name), .features = features_of(*level), .vendor = {}, .exact = false};
    for (const Model& model : models()) {
        if (text::lower(model.name) == wanted)
            return Cpu{.name = model.name, .features = model.features, .vendor = model.vendor, .exact = true};
    }
    return std::nullopt;
}

std::vector<std::string_view> cpu_names() {
    std::vector<std::string_view> names;
    for (const Level& level : levels) names.push_back(level.name);
    for (const Model& model : models()) names.push_back(model.name);
    return names;
}

Cpu baseline_cpu(Architecture architecture) {
    switch (architecture) {
        case Architecture::amd64:
        case Architecture::x32: return *find_cpu("x86-64-v1");
        case Architecture::i386: return *find_cpu("i686");
        case Architecture::arm64: return *find_cpu("armv8.0-a");
        default: return Cpu{.name = "baseline", .features = {}, .vendor = {}, .exact = false};
    }
}

Result<Cpu> parse_cpu(std::string_view words, const Cpu& base) {
    Cpu cpu = base;
    for (std::string_view word : text::split(words, ",")) {
        word = text::trim(word);
        if (word.empty()) continue;
        if (word.front() != '+' && word.front() != '-') {
            auto found = find_cpu(word);
            if (!found) {
                std::string what = "unknown CPU '" + std::string(word) + "'";
                std::vector<std::string_view> names = cpu_names();
                if (auto near = text::nearest(word, names)) what += "; did you mean '" + std::string(*near) + "'?";
                return fail(ErrorCode::bad_usage, what);
            }
            cpu = *std::move(found);
            continue;
        }
        std::string feature = text::lower(word.substr(1));
        std::erase(cpu.features, feature);
        if (word.front() == '+') cpu.features.push_back(feature);
        cpu.name += "," + std::string(1, word.front()) + feature;
    }
    return cpu;
}

}  // namespace abiscope::target
