#include <cstring>

#include "aegis/base/error.h"
#include "aegis/types/encoding.h"
#include "copy.h"

namespace aegis::commands {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  char lower = static_cast<char>(c | 32);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Decodes the escape behind a backslash at `at`; returns the position behind it.
size_t decode_escape(std::string_view raw, size_t at, std::string& out) {
  char c = raw[at++];
  switch (c) {
    case 'b': out += '\b'; return at;
    case 'f': out += '\f'; return at;
    case 'n': out += '\n'; return at;
    case 'r': out += '\r'; return at;
    case 't': out += '\t'; return at;
    case 'v': out += '\v'; return at;
    case 'x': {
      int value = at < raw.size() ? hex_digit(raw[at]) : -1;
      if (value < 0) {
        out += c;
        return at;
      }
      ++at;
      if (at < raw.size() && hex_digit(raw[at]) >= 0) value = value * 16 + hex_digit(raw[at++]);
      out += static_cast<char>(value);
      return at;
    }
    default: break;
  }
  if (c < '0' || c > '7') {
    out += c;
    return at;
  }
  int value = c - '0';
  for (int i = 0; i < 2 && at < raw.size() && raw[at] >= '0' && raw[at] <= '7'; ++i) value = value * 8 + (raw[at++] - '0');
  out += static_cast<char>(value & 0xff);
  return at;
}

}  // namespace

void split_text_line(std::string_view line, const CopyOptions& options, std::string& scratch, std::vector<CopyField>& out) {
  out.clear();
  scratch.clear();
  scratch.reserve(line.size());  // decoded text is never longer: views into it stay valid
  size_t at = 0;
  const char delimiter = options.delimiter;
  for (;;) {
    size_t start = at;
    bool escaped = false;
    while (at < line.size() && line[at] != delimiter) {
      if (line[at] == '\\' && at + 1 < line.size()) {
        escaped = true;
        ++at;
      }
      ++at;
    }
    std::string_view raw = line.substr(start, at - start);
    CopyField field;
    field.is_null = raw == options.null_text;
    if (!escaped || field.is_null) {
      field.text = raw;
    } else {
      size_t from = scratch.size();
      for (size_t i = 0; i < raw.size();) {
        if (raw[i] == '\\' && i + 1 < raw.size()) {
          i = decode_escape(raw, i + 1, scratch);
        } else {
          scratch += raw[i++];
        }
      }
      field.text = std::string_view(scratch).substr(from);
      if (size_t bad = types::utf8_find_invalid(field.text); bad != std::string_view::npos || field.text.find('\0') != std::string_view::npos) {
        throw SqlError(Sqlstate::CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\"");
      }
    }
    out.push_back(field);
    if (at >= line.size()) return;
    ++at;
  }
}

void split_csv_line(std::string_view line, const CopyOptions& options, const std::vector<bool>& force_not_null,
                    const std::vector<bool>& force_null, std::string& scratch, std::vector<CopyField>& out) {
  out.clear();
  scratch.clear();
  scratch.reserve(line.size());
  size_t at = 0;
  auto flag = [](const std::vector<bool>& flags, size_t i) { return i < flags.size() && flags[i]; };
  for (;;) {
    size_t from = scratch.size();
    size_t start = at;
    bool saw_quote = false;
    while (at < line.size() && line[at] != options.delimiter) {
      if (line[at] != options.quote) {
        scratch += line[at++];
        continue;
      }
      saw_quote = true;
      ++at;
      for (;;) {
        if (at >= line.size()) throw SqlError(Sqlstate::BadCopyFileFormat, "unterminated CSV quoted field");
        char c = line[at];
        bool escapes = c == options.escape && at + 1 < line.size() && (line[at + 1] == options.escape || line[at + 1] == options.quote);
        if (escapes) {
          scratch += line[at + 1];
          at += 2;
          continue;
        }
        ++at;
        if (c == options.quote) break;
        scratch += c;
      }
    }
    CopyField field;
    field.text = saw_quote ? std::string_view(scratch).substr(from) : line.substr(start, at - start);
    size_t number = out.size();
    bool matches = field.text == options.null_text;
    field.is_null = matches && ((!saw_quote && !flag(force_not_null, number)) || (saw_quote && flag(force_null, number)));
    out.push_back(field);
    if (at >= line.size()) return;
    ++at;
  }
}

// ---- Lines ----

void CopyLines::feed(std::string_view bytes) {
  if (start_ > 0) {
    buffer_.erase(0, start_);
    scanned_ -= start_;
    start_ = 0;
  }
  buffer_.append(bytes);
}

// Position of the newline that ends the line, npos when it is not there yet.
size_t CopyLines::find_end(size_t from) {
  const char* data = buffer_.data();
  size_t size = buffer_.size();
  if (options_.format == CopyFormat::Text) {
    for (size_t at = from; at < size;) {
      const void* found = std::memchr(data + at, '\n', size - at);
      if (found == nullptr) break;
      size_t end = static_cast<size_t>(static_cast<const char*>(found) - data);
      size_t backslashes = 0;
      while (end > start_ + backslashes && data[end - 1 - backslashes] == '\\') ++backslashes;
      if (backslashes % 2 == 0) return end;
      at = end + 1;  // a newline behind a backslash is data
    }
    scanned_ = size;
    return std::string::npos;
  }
  bool distinct_escape = options_.escape != options_.quote;
  for (size_t at = from; at < size; ++at) {
    char c = data[at];
    if (in_quote_ && distinct_escape && c == options_.escape) {
      if (at + 1 >= size && !finished_) {
        scanned_ = at;
        return std::string::npos;
      }
      ++at;
      continue;
    }
    if (c == options_.quote) in_quote_ = !in_quote_;
    if (c == '\n' && !in_quote_) return at;
  }
  scanned_ = size;
  return std::string::npos;
}

std::string_view CopyLines::line_without_cr(size_t start, size_t end) {
  if (end > start && buffer_[end - 1] == '\r') --end;
  return std::string_view(buffer_).substr(start, end - start);
}

bool CopyLines::next(std::string_view& line) {
  if (ended_) return false;
  size_t end = find_end(std::max(scanned_, start_));
  if (end == std::string::npos) {
    if (!finished_ || start_ >= buffer_.size()) return false;
    line = line_without_cr(start_, buffer_.size());
    start_ = scanned_ = buffer_.size();
  } else {
    line = line_without_cr(start_, end);
    start_ = scanned_ = end + 1;
  }
  if (line == "\\.") {
    ended_ = true;
    return false;
  }
  return true;
}

// ---- Output ----

void append_text_field(std::string_view text, const CopyOptions& options, std::string& out) {
  size_t plain = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    char code = 0;
    if (static_cast<unsigned char>(c) < 0x20) {
      switch (c) {
        case '\b': code = 'b'; break;
        case '\f': code = 'f'; break;
        case '\n': code = 'n'; break;
        case '\r': code = 'r'; break;
        case '\t': code = 't'; break;
        case '\v': code = 'v'; break;
        default: break;
      }
      if (code == 0 && c != options.delimiter) continue;
      if (code == 0) code = c;
    } else if (c == '\\' || c == options.delimiter) {
      code = c;
    } else {
      continue;
    }
    out.append(text.substr(plain, i - plain));
    out += '\\';
    out += code;
    plain = i + 1;
  }
  out.append(text.substr(plain));
}

void append_csv_field(std::string_view text, const CopyOptions& options, bool force_quote, bool only_column, std::string& out) {
  bool quote = force_quote || text == options.null_text || (only_column && text == "\\.");
  for (size_t i = 0; i < text.size() && !quote; ++i) {
    char c = text[i];
    quote = c == options.delimiter || c == options.quote || c == '\n' || c == '\r';
  }
  if (!quote) {
    out.append(text);
    return;
  }
  out += options.quote;
  for (char c : text) {
    if (c == options.quote || c == options.escape) out += options.escape;
    out += c;
  }
  out += options.quote;
}

}  // namespace aegis::commands
