#include "dwarf/line_table.h"

#include <algorithm>

#include <fmt/format.h>

#include "bytes/reader.h"
#include "dwarf/spec.h"

namespace abiscope::dwarf {

namespace {

class LineProgram {
public:
    LineProgram(LineHeader& header, Endian order, const std::function<void(const LineRow&)>& visit)
        : header_(header), visit_(visit), reader_(header.program, order, "line table program") {
        restart();
    }

    Result<void> run() {
        while (reader_.ok() && reader_.remaining() > 0) {
            std::uint8_t code = reader_.u8();
            if (code >= header_.opcode_base) {
                if (header_.line_range == 0) return fail(reader_.bad_value("line_range", "more than 0", "0"));
                special(code);
            } else if (code == lns::extended) {
                extended();
            } else {
                standard(code);
            }
        }
        if (!reader_.ok()) return fail(reader_.error());
        return {};
    }

private:
    void restart() { row_ = LineRow{.is_statement = header_.is_statement}; }

    void emit() {
        visit_(row_);
        row_.end_sequence = false;
    }

    void advance(std::uint64_t operations) {
        if (header_.most_operations <= 1) {
            row_.address += header_.minimum_length * operations;
            return;
        }
        std::uint64_t all = row_.operation + operations;
        row_.address += header_.minimum_length * (all / header_.most_operations);
        row_.operation = static_cast<std::uint32_t>(all % header_.most_operations);
    }

    void special(std::uint8_t code) {
        unsigned adjusted = code - header_.opcode_base;
        advance(adjusted / header_.line_range);
        row_.line += static_cast<std::uint32_t>(header_.line_base + static_cast<int>(adjusted % header_.line_range));
        emit();
    }

    void standard(std::uint8_t code) {
        switch (code) {
            case lns::copy: emit(); break;
            case lns::advance_pc: advance(reader_.uleb128()); break;
            case lns::advance_line: row_.line += static_cast<std::uint32_t>(reader_.sleb128()); break;
            case lns::set_file: row_.file = static_cast<std::uint32_t>(std::min<std::uint64_t>(reader_.uleb128(), 0xffffffff)); break;
            case lns::set_column: row_.column = static_cast<std::uint32_t>(std::min<std::uint64_t>(reader_.uleb128(), 0xffffffff)); break;
            case lns::negate_statement: row_.is_statement = !row_.is_statement; break;
            case lns::const_add_pc:
                if (header_.line_range != 0) advance((255U - header_.opcode_base) / header_.line_range);
                break;
            case lns::fixed_advance_pc:
                row_.address += reader_.u16();
                row_.operation = 0;
                break;
            default:
                // Marks that nobody asks for, and codes that are not known: the header says how many operands they have.
                for (unsigned left = std::to_integer<unsigned>(header_.opcode_lengths.data()[code - 1]); left > 0; --left)
                    static_cast<void>(reader_.uleb128());
                break;
        }
    }

    void extended() {
        std::uint64_t size = reader_.uleb128();
        View body = reader_.bytes(size);
        if (!reader_.ok() || body.empty()) return;
        Reader fields(body, reader_.order(), "line table operation");
        switch (fields.u8()) {
            case lne::end_sequence:
                row_.end_sequence = true;
                emit();
                restart();
                break;
            case lne::set_address:
                row_.address = body.size() > 8 ? fields.u64() : body.size() > 4 ? fields.u32() : fields.u16();
                row_.operation = 0;
                break;
            case lne::define_file: {
                std::string_view name = fields.c_string();
                std::uint64_t directory = fields.uleb128();
                if (!fields.ok()) break;
                header_.files.push_back({directory < header_.directories.size() ? header_.directories[directory] : "", name});
                break;
            }
            default: break;
        }
    }

    LineHeader& header_;
    const std::function<void(const LineRow&)>& visit_;
    Reader reader_;
    LineRow row_;
};

}  // namespace

Result<void> run_line_program(LineHeader& header, Endian order, const std::function<void(const LineRow&)>& visit) {
    return LineProgram(header, order, visit).run();
}

std::vector<std::optional<LineRow>> find_lines(LineHeader& header, Endian order, std::span<const std::uint64_t> addresses) {
    std::vector<std::optional<LineRow>> found(addresses.size());
    std::optional<LineRow> before;
    std::uint64_t start = 0;
    // What damage ends is known up to there.
    static_cast<void>(run_line_program(header, order, [&](const LineRow& row) {
        if (!before) start = row.address;
        if (before && start != 0 && before->address < row.address) {
            auto first = std::ranges::lower_bound(addresses, before->address);
            for (; first != addresses.end() && *first < row.address; ++first) found[static_cast<std::size_t>(first - addresses.begin())] = before;
        }
        before = row.end_sequence ? std::nullopt : std::optional(row);
    }));
    return found;
}

}  // namespace abiscope::dwarf
