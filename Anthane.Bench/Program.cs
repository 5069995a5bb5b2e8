Console.WriteLine("Anthane bench");
