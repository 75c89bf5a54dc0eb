// Takes out of an answer what tells of the data that a process had, or of the machine it ran on: addresses become places ("[heap]+0x1f8"),
// texts of the program become their length, folders of people are left out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/crash.h"
#include "report/json.h"
#include "rules/crash.h"

namespace abiscope::report {

class Redactor {
public:
    // `crash` must outlive it. `path` is the dump's own.
    Redactor(const core::Crash& crash, const rules::Diagnosis& diagnosis, const std::string& path);

    // Lines as core_text() prints them.
    [[nodiscard]] std::string text(std::string_view lines) const;
    // What core_json() gives, place_json() and the like.
    void json(Json& json) const;

private:
    [[nodiscard]] std::string place(std::uint64_t address) const;
    [[nodiscard]] std::string without_secrets(std::string_view text) const;
    [[nodiscard]] std::string without_addresses(std::string_view text) const;

    [[nodiscard]] std::string without_known_folders(std::string_view text) const;

    struct Secret {
        std::string text;
        std::size_t kept = 0;   // characters of its start that are none
    };
    void add_secret(std::string_view text, std::size_t kept = 0);
    void add_folder_of(std::string_view path);

    const core::Process& process_;
    // The longest first.
    std::vector<Secret> secrets_;
    std::vector<std::string> folders_;   // with the slash at their end
};

}  // namespace abiscope::report
