using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Anthane.Sso.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class SigningAlgorithms : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "IdTokenSignedResponseAlg",
                table: "Clients",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "SigningAlgorithm",
                table: "Apis",
                type: "TEXT",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "IdTokenSignedResponseAlg",
                table: "Clients");

            migrationBuilder.DropColumn(
                name: "SigningAlgorithm",
                table: "Apis");
        }
    }
}
