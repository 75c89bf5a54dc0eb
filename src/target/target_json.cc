#include "target/target_json.h"

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace abiscope::target {

namespace {

using nlohmann::json;

std::string to_hex(std::string_view bytes) { return text::hex_bytes(std::as_bytes(std::span(bytes.data(), bytes.size())), ""); }

std::string from_hex(std::string_view digits) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        bytes += static_cast<char>(text::parse_unsigned("0x" + std::string(digits.substr(i, 2))).value_or(0));
    }
    return bytes;
}

json libc_to_json(const Libc& libc) {
    return {{"kind", to_string(libc.kind)},
            {"version", libc.version.to_string()},
            {"build", libc.build},
            {"loader", libc.loader},
            {"directories", libc.directories},
            {"lib_token", libc.lib_token},
            {"platform_token", libc.platform_token},
            {"cache", libc.cache},
            {"architecture", to_string(libc.architecture)}};
}

json binfmt_to_json(const BinfmtHandler& handler) {
    return {{"name", handler.name},         {"interpreter", handler.interpreter},
            {"offset", handler.offset},     {"magic", to_hex(handler.magic)},
            {"mask", to_hex(handler.mask)}, {"extension", handler.extension},
            {"enabled", handler.enabled},   {"open_at_registration", handler.open_at_registration}};
}

// Members of an object by name; the first that has the wrong type is remembered.
class Members {
public:
    Members(const json& object, std::string& wrong) : object_(object), wrong_(wrong) {}

    [[nodiscard]] const json* find(const char* key) const {
        if (!object_.is_object()) {
            wrong_ = "facts";
            return nullptr;
        }
        auto at = object_.find(key);
        return at == object_.end() || at->is_null() ? nullptr : &*at;
    }
    void read(const char* key, std::string& value) const {
        if (const json* found = typed(key, &json::is_string)) value = found->get<std::string>();
    }
    void read(const char* key, bool& value) const {
        if (const json* found = typed(key, &json::is_boolean)) value = found->get<bool>();
    }
    void read(const char* key, std::uint64_t& value) const {
        if (const json* found = typed(key, &json::is_number_unsigned)) value = found->get<std::uint64_t>();
    }
    void read(const char* key, std::uint32_t& value) const {
        if (const json* found = typed(key, &json::is_number_unsigned)) value = static_cast<std::uint32_t>(found->get<std::uint64_t>());
    }
    void read(const char* key, Version& value) const {
        std::string words;
        read(key, words);
        if (auto version = Version::parse(words)) value = *version;
    }
    void read(const char* key, std::vector<std::string>& value) const {
        for_each(key, [&](const json& item) {
            if (item.is_string()) value.push_back(item.get<std::string>());
            else wrong_ = key;
        });
    }
    template <typename Visit>
    void for_each(const char* key, Visit&& visit) const {
        if (const json* found = typed(key, &json::is_array)) {
            for (const json& item : *found) visit(item);
        }
    }
    [[nodiscard]] Members inside(const char* key) const {
        static const json empty = json::object();
        const json* found = typed(key, &json::is_object);
        return Members(found != nullptr ? *found : empty, wrong_);
    }

private:
    const json* typed(const char* key, bool (json::*is)() const noexcept) const {
        const json* found = find(key);
        if (found == nullptr || (found->*is)()) return found;
        wrong_ = key;
        return nullptr;
    }
    const json& object_;
    std::string& wrong_;
};

Libc libc_from_json(const Members& from) {
    Libc libc;
    std::string kind, architecture;
    from.read("kind", kind);
    from.read("architecture", architecture);
    libc.kind = parse_libc_kind(kind).value_or(LibcKind::unknown);
    libc.architecture = parse_architecture(architecture).value_or(Architecture::unknown);
    from.read("version", libc.version);
    from.read("build", libc.build);
    from.read("loader", libc.loader);
    from.read("directories", libc.directories);
    from.read("lib_token", libc.lib_token);
    from.read("platform_token", libc.platform_token);
    from.read("cache", libc.cache);
    return libc;
}

void kernel_from_json(const Members& from, Kernel& kernel, std::string& wrong) {
    from.read("version", kernel.version);
    from.read("page_size", kernel.page_size);
    from.read("mmap_min_addr", kernel.mmap_min_addr);
    from.read("runs_32_bit", kernel.runs_32_bit);
    from.read("x32", kernel.x32);
    from.read("binfmt_known", kernel.binfmt_known);
    if (kernel.page_size == 0 || (kernel.page_size & (kernel.page_size - 1)) != 0) wrong = "page_size";
    from.for_each("binfmt", [&](const json& item) {
        Members entry(item, wrong);
        BinfmtHandler handler;
        std::string magic, mask;
        entry.read("name", handler.name);
        entry.read("interpreter", handler.interpreter);
        entry.read("offset", handler.offset);
        entry.read("magic", magic);
        entry.read("mask", mask);
        entry.read("extension", handler.extension);
        entry.read("enabled", handler.enabled);
        entry.read("open_at_registration", handler.open_at_registration);
        handler.magic = from_hex(magic);
        handler.mask = from_hex(mask);
        kernel.binfmt.push_back(std::move(handler));
    });
}

}  // namespace

json to_json(const Target& target) {
    json binfmt = json::array(), others = json::array(), environment = json::array(), sources = json::array();
    for (const BinfmtHandler& handler : target.kernel.binfmt) binfmt.push_back(binfmt_to_json(handler));
    for (const Libc& libc : target.other_libcs) others.push_back(libc_to_json(libc));
    for (const auto& [name, value] : target.environment) environment.push_back({{"name", name}, {"value", value}});
    for (const FactSource& fact : target.sources) sources.push_back({{"fact", fact.fact}, {"source", fact.source}});
    return {
        {"name", target.name},
        {"title", target.title},
        {"os", to_string(target.os)},
        {"architecture", to_string(target.architecture)},
        {"os_version", target.os_version.to_string()},
        {"kernel",
         {{"version", target.kernel.version.to_string()},
          {"page_size", target.kernel.page_size},
          {"mmap_min_addr", target.kernel.mmap_min_addr},
          {"runs_32_bit", target.kernel.runs_32_bit},
          {"x32", target.kernel.x32},
          {"binfmt_known", target.kernel.binfmt_known},
          {"binfmt", binfmt}}},
        {"cpu", {{"name", target.cpu.name}, {"vendor", target.cpu.vendor}, {"features", target.cpu.features}, {"exact", target.cpu.exact}}},
        {"libc", libc_to_json(target.libc)},
        {"other_libcs", others},
        {"shell", {{"kind", to_string(target.shell.kind)}, {"version", target.shell.version.to_string()}}},
        {"commands", target.commands},
        {"environment", environment},
        {"user", {{"uid", target.user.uid}, {"gid", target.user.gid}}},
        {"no_new_privileges", target.no_new_privileges},
        {"working_directory", target.working_directory},
        {"sources", sources}};
}

Result<Target> target_from_json(const json& facts) {
    Target target;
    std::string wrong;
    Members from(facts, wrong);
    std::string os, architecture, shell;
    from.read("name", target.name);
    from.read("title", target.title);
    from.read("os", os);
    from.read("architecture", architecture);
    from.read("os_version", target.os_version);
    target.os = parse_os(os).value_or(Os::unknown);
    target.architecture = parse_architecture(architecture).value_or(Architecture::unknown);
    kernel_from_json(from.inside("kernel"), target.kernel, wrong);
    Members cpu = from.inside("cpu");
    cpu.read("name", target.cpu.name);
    cpu.read("vendor", target.cpu.vendor);
    cpu.read("features", target.cpu.features);
    cpu.read("exact", target.cpu.exact);
    target.libc = libc_from_json(from.inside("libc"));
    from.for_each("other_libcs", [&](const json& item) { target.other_libcs.push_back(libc_from_json(Members(item, wrong))); });
    from.inside("shell").read("kind", shell);
    from.inside("shell").read("version", target.shell.version);
    if (from.find("shell") != nullptr) target.shell.kind = parse_shell_kind(shell).value_or(ShellKind::none);
    from.read("commands", target.commands);
    from.for_each("environment", [&](const json& item) {
        std::pair<std::string, std::string> variable;
        Members entry(item, wrong);
        entry.read("name", variable.first);
        entry.read("value", variable.second);
        target.environment.push_back(std::move(variable));
    });
    from.inside("user").read("uid", target.user.uid);
    from.inside("user").read("gid", target.user.gid);
    from.read("no_new_privileges", target.no_new_privileges);
    from.read("working_directory", target.working_directory);
    from.for_each("sources", [&](const json& item) {
        FactSource fact;
        Members entry(item, wrong);
        entry.read("fact", fact.fact);
        entry.read("source", fact.source);
        target.sources.push_back(std::move(fact));
    });
    if (!wrong.empty()) return fail(ErrorCode::bad_value, "the facts of the target are not as they should be: " + wrong);
    return target;
}

}  // namespace abiscope::target
