#include "target/catalogue.h"

#include <algorithm>

#include <yaml-cpp/yaml.h>

#include "base/text.h"
#include "target/cpu_levels.h"
#include "target/data_files.h"
#include "target/library_catalogue.h"
#include "target/loader_paths.h"

namespace abiscope::target {

namespace {

// A release with what its family says for all of them.
class Record {
public:
    Record(const YAML::Node& family, const YAML::Node& release) : family_(family), release_(release) {}

    [[nodiscard]] YAML::Node node(const char* key) const {
        const YAML::Node own = static_cast<const YAML::Node&>(release_)[key];
        return own ? own : static_cast<const YAML::Node&>(family_)[key];
    }
    [[nodiscard]] std::string text(const char* key) const {
        YAML::Node value = node(key);
        return value ? value.as<std::string>() : std::string();
    }
    [[nodiscard]] std::vector<std::string> list(const char* key) const {
        YAML::Node value = node(key);
        return value ? value.as<std::vector<std::string>>() : std::vector<std::string>();
    }
    [[nodiscard]] bool flag(const char* key) const {
        YAML::Node value = node(key);
        return value && value.as<bool>();
    }
    // "amd64=x86-64-v2 i386=i686"
    [[nodiscard]] std::string of_architecture(const char* key, Architecture architecture) const {
        std::string start = std::string(to_string(architecture)) + "=";
        std::string all = text(key);
        for (std::string_view word : text::split(all, " ")) {
            if (word.starts_with(start)) return std::string(word.substr(start.size()));
        }
        return {};
    }
    [[nodiscard]] std::string version() const { return text("version"); }
    [[nodiscard]] std::string family() const { return text("family"); }
    [[nodiscard]] std::vector<std::string> families() const {
        std::vector<std::string> names = list("also");
        names.insert(names.begin(), family());
        return names;
    }
    [[nodiscard]] std::string source() const {
        std::string words = text("source");
        if (const YAML::Node general = static_cast<const YAML::Node&>(family_)["source"]; general && general.as<std::string>() != words) {
            words += "; " + general.as<std::string>();
        }
        if (!text("confidence").empty()) words += " (" + text("confidence") + ")";
        return words;
    }

private:
    YAML::Node family_, release_;
};

const std::vector<Record>& records() {
    static const std::vector<Record> all = [] {
        std::vector<Record> list;
        for (const DataFile& file : data_files()) {
            if (file.folder != "targets") continue;
            YAML::Node family = YAML::Load(std::string(file.text));
            for (const YAML::Node& release : family["releases"]) list.emplace_back(family, release);
        }
        return list;
    }();
    return all;
}

std::vector<Architecture> architectures_of(const Record& record) {
    std::vector<Architecture> found;
    for (const std::string& name : record.list("architectures")) {
        if (auto architecture = parse_architecture(name)) found.push_back(*architecture);
    }
    return found;
}

struct Wanted {
    std::string family;        // empty: only a code name was given
    std::string version;       // empty: only a family was given
    std::string architecture;  // empty: not given
};

Wanted take_apart(std::string_view name) {
    Wanted wanted;
    std::size_t slash = name.rfind('/');
    if (slash != std::string_view::npos) wanted.architecture = name.substr(slash + 1);
    std::string rest = text::lower(name.substr(0, slash));
    std::size_t colon = rest.find(':');
    if (colon == std::string::npos) {
        wanted.family = rest;
    } else {
        wanted.family = rest.substr(0, colon);
        wanted.version = rest.substr(colon + 1);
    }
    return wanted;
}

bool has(const std::vector<std::string>& list, const std::string& word) { return std::ranges::find(list, word) != list.end(); }

// 2 for the very release, 1 for a point release of it (12.5 of 12), 0 for another.
int match(const Record& record, const Wanted& wanted) {
    if (wanted.version.empty()) return has(record.list("names"), wanted.family) && !has(record.families(), wanted.family) ? 2 : 0;
    if (!has(record.families(), wanted.family)) return 0;
    if (record.version() == wanted.version || has(record.list("names"), wanted.version)) return 2;
    return wanted.version.starts_with(record.version() + ".") ? 1 : 0;
}

Result<const Record*> find_record(const Wanted& wanted, std::string_view name) {
    const Record* best = nullptr;
    int best_grade = 0;
    std::vector<std::string> releases;
    const Record* only = nullptr;
    for (const Record& record : records()) {
        int grade = match(record, wanted);
        if (grade > best_grade) best = &record, best_grade = grade;
        if (has(record.families(), wanted.family)) releases.push_back(wanted.family + ":" + record.version()), only = &record;
    }
    if (best != nullptr) return best;
    if (wanted.version.empty() && releases.size() == 1) return only;
    if (!releases.empty()) {
        std::string what = wanted.version.empty() ? "'" + std::string(name) + "' has several releases: "
                                                  : "no release '" + wanted.version + "' of " + wanted.family + "; there are ";
        return fail(ErrorCode::bad_usage, what + text::join(releases, ", "));
    }
    std::vector<std::string_view> names;
    for (const CatalogueEntry& entry : all_targets()) {
        names.push_back(entry.name);
        names.insert(names.end(), entry.aliases.begin(), entry.aliases.end());
    }
    std::string what = "unknown target '" + std::string(name) + "'";
    std::string_view without = name.substr(0, name.rfind('/'));
    if (auto near = text::nearest(without, names)) what += "; did you mean '" + std::string(*near) + "'?";
    else what += ";";
    return fail(ErrorCode::bad_usage, what + " `abiscope target list` shows every name");
}

Shell parse_shell(const std::string& words) {
    std::size_t space = words.find(' ');
    Shell shell;
    shell.kind = parse_shell_kind(words.substr(0, space)).value_or(ShellKind::none);
    shell.version = space == std::string::npos ? Version{} : Version::parse(std::string_view(words).substr(space + 1)).value_or(Version{});
    return shell;
}

void fill_kernel(Target& target, const Record& record, const std::string& source) {
    target.kernel.version = Version::parse(record.text("kernel")).value_or(Version{});
    target.kernel.page_size = target.architecture == Architecture::ppc64el ? 65536 : 4096;
    if (auto size = text::parse_unsigned(record.of_architecture("page_size", target.architecture))) target.kernel.page_size = *size;
    target.kernel.runs_32_bit = target.architecture == Architecture::amd64 || target.architecture == Architecture::arm64;
    target.kernel.binfmt_known = true;
    target.sources.push_back({"kernel.version",
                              target.kernel.version.empty() ? "unknown: a container runs on the kernel of its host"
                                                            : source + "; a container runs on the kernel of its host instead"});
    target.sources.push_back({"kernel.binfmt", "a base system registers no handlers"});
}

Result<void> fill_libraries(Target& target, const Record& record, MemoryFileSystem& files) {
    std::string words = record.text("libc");
    std::size_t space = words.find(' ');
    target.libc.kind = parse_libc_kind(words.substr(0, space)).value_or(LibcKind::unknown);
    target.libc.architecture = target.architecture;
    if (space != std::string::npos) target.libc.version = Version::parse(std::string_view(words).substr(space + 1)).value_or(Version{});
    if (target.libc.kind != LibcKind::glibc && target.libc.kind != LibcKind::musl) return {};
    auto layout = library_layout(record.text("layout"), target.architecture);
    if (!layout) return fail(ErrorCode::internal, "no layout of libraries for " + target.name);
    target.libc.loader = loader_path(target.architecture, target.libc.kind);
    target.libc.directories = layout->directories;
    if (target.libc.kind == LibcKind::glibc) {
        target.libc.lib_token = layout->lib_token;
        target.libc.platform_token = kernel_platform(target.architecture);
        target.libc.cache = "/etc/ld.so.cache";
    }
    BaseLibraries base{.family = {},
                       .release = {},
                       .architecture = target.architecture,
                       .layout = *layout,
                       .loader = target.libc.loader,
                       .usr_merged = record.flag("usrmerge"),
                       .members = record.list("members"),
                       .also_defines = record.list("defines"),
                       .also_doubtful = record.list("doubtful")};
    if (base.usr_merged) {
        for (const char* folder : {"bin", "sbin", "lib", "lib64"}) {
            (void)files.add_directory("/usr/" + std::string(folder));
            (void)files.add_link("/" + std::string(folder), "usr/" + std::string(folder));
        }
    }
    for (const std::string& family : record.list("libraries")) {
        base.family = family;
        bool of_libc = family == "glibc" || family == "glibc-libcrypt" || family == "musl";
        base.release = of_libc ? target.libc.version : Version::parse(record.text(family.c_str())).value_or(Version{1000});
        ABISCOPE_CHECK(add_base_libraries(files, base));
    }
    return {};
}

// Where /bin is /usr/bin, each has two paths.
std::vector<std::string> commands_of(const Record& record) {
    std::vector<std::string> commands = record.list("commands");
    constexpr std::string_view usr = "/usr";
    if (!record.flag("usrmerge")) return commands;
    for (std::size_t i = 0, count = commands.size(); i < count; ++i) {
        std::string other = commands[i].starts_with(usr) ? commands[i].substr(usr.size()) : std::string(usr) + commands[i];
        if (!has(commands, other)) commands.push_back(std::move(other));
    }
    return commands;
}

Result<Target> make_target(const Record& record, const std::string& family, Architecture architecture) {
    Target target;
    target.name = family + ":" + record.version() + "/" + std::string(to_string(architecture));
    target.title = record.text("title");
    target.os = parse_os(record.text("os")).value_or(Os::unknown);
    target.architecture = architecture;
    target.os_version = Version::parse(record.text("os_version")).value_or(Version{});
    target.shell = parse_shell(record.text("shell"));
    target.commands = commands_of(record);
    std::string source = record.source();
    auto files = std::make_shared<MemoryFileSystem>(record.flag("complete"));
    std::string cpu = record.of_architecture("cpu", architecture);
    target.cpu = cpu.empty() ? baseline_cpu(architecture) : find_cpu(cpu).value_or(baseline_cpu(architecture));
    target.sources.push_back({"cpu", cpu.empty() ? "the least processor of the architecture" : source});
    target.sources.push_back({"shell", source});
    if (!target.commands.empty()) target.sources.push_back({"commands", record.text("commands_source")});
    if (target.os == Os::linux) {
        fill_kernel(target, record, source);
        ABISCOPE_CHECK(fill_libraries(target, record, *files));
        target.sources.push_back({"libc", source});
    } else {
        target.libc.kind = LibcKind::unknown;
        target.sources.push_back({"os_version", source});
    }
    target.files = std::move(files);
    return target;
}

}  // namespace

const std::vector<CatalogueEntry>& all_targets() {
    static const std::vector<CatalogueEntry> entries = [] {
        std::vector<CatalogueEntry> list;
        for (const Record& record : records()) {
            CatalogueEntry entry;
            entry.name = record.family() + ":" + record.version();
            entry.title = record.text("title");
            entry.architectures = architectures_of(record);
            entry.os = parse_os(record.text("os")).value_or(Os::unknown);
            for (const std::string& family : record.families()) {
                if (family != record.family()) entry.aliases.push_back(family + ":" + record.version());
                for (const std::string& name : record.list("names")) entry.aliases.push_back(family + ":" + name);
            }
            list.push_back(std::move(entry));
        }
        return list;
    }();
    return entries;
}

Result<Target> find_target(std::string_view name, Architecture fallback) {
    try {
        Wanted wanted = take_apart(name);
        ABISCOPE_TRY(const Record* record, find_record(wanted, name));
        std::vector<Architecture> choices = architectures_of(*record);
        Architecture architecture = std::ranges::find(choices, fallback) != choices.end() ? fallback : choices.front();
        if (!wanted.architecture.empty()) {
            auto asked = parse_architecture(wanted.architecture);
            if (!asked || std::ranges::find(choices, *asked) == choices.end()) {
                std::vector<std::string> names;
                names.reserve(choices.size());
                for (Architecture choice : choices) names.emplace_back(to_string(choice));
                return fail(
                    ErrorCode::bad_usage,
                    record->text("title") + " has no architecture '" + wanted.architecture + "'; it has " + text::join(names, ", "));
            }
            architecture = *asked;
        }
        std::string family = wanted.version.empty() && !has(record->families(), wanted.family) ? record->family() : wanted.family;
        return make_target(*record, family, architecture);
    } catch (const YAML::Exception& problem) {
        return fail(ErrorCode::internal, std::string("data/targets: ") + problem.what());
    }
}

bool names_catalogue_target(std::string_view name) {
    Wanted wanted = take_apart(name);
    return std::ranges::any_of(records(),
                               [&](const Record& record) { return has(record.families(), wanted.family) || match(record, wanted) != 0; });
}

}  // namespace abiscope::target
